import { list, message, text, uint32 } from './shape.ts';

/** Gloo's Locality (spec/gloo.md 2.1). */
export const glooLocality = message({ region: text, zone: text, subZone: text });

/** networking.gloo.solo.io/v2 ExternalEndpoint (spec/gloo.md 2.3). */
export const externalEndpoint = message({
  address: text,
  ports: list(message({ name: text, number: uint32 })),
  locality: glooLocality,
});
