/** Ways to say which proxy is meant: as `--proxy` JSON, or as a node of an xDS stream. */
export { proxyOfJson, proxyOfNode } from '../scope/index.ts';
