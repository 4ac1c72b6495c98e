export type * from './common.ts';
export type * from './destination-rule.ts';
export type * from './kubernetes.ts';
export type * from './service-entry.ts';
export type * from './sidecar.ts';
export type * from './virtual-service.ts';
export type * from './workload-entry.ts';
