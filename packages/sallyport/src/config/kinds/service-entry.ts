import { port, workloadSelector } from './parts.ts';
import { choice, list, message, strictChoice, texts } from './shape.ts';
import { workloadEntry } from './workload-entry.ts';

/** networking.istio.io ServiceEntry (spec/istio.md 1.1). */
export const serviceEntry = message({
  hosts: texts,
  addresses: texts,
  ports: list(port),
  location: choice('MESH_EXTERNAL', 'MESH_INTERNAL'),
  resolution: strictChoice('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
  endpoints: list(workloadEntry),
  workloadSelector,
  exportTo: texts,
  subjectAltNames: texts,
});
