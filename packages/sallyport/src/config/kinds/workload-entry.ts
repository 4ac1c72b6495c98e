import { labels, map, message, text, uint32 } from './shape.ts';

/** networking.istio.io WorkloadEntry, also the endpoint of a ServiceEntry (spec/istio.md 1.1). */
export const workloadEntry = message({
  address: text,
  ports: map(uint32),
  labels,
  network: text,
  locality: text,
  weight: uint32,
  serviceAccount: text,
});
