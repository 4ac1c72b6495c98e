export type { ParsedNode } from './node.ts';
export type { AdsCallbacks, AdsInputs, Nack } from './outside.ts';
export { type AdsServer, type AdsServerOptions, createAdsServer } from './server.ts';
export type { Stats } from './stats.ts';
export type { StreamStatus, TypeStatus } from './status.ts';
export type { ResourceTable } from './view.ts';
