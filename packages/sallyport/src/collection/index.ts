export { identical, structural } from './equal.ts';
export { createGraph, type GraphOptions, inputsOf } from './graph.ts';
export type * from './types.ts';
