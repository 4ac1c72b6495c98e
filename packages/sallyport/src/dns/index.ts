export { systemClock } from './clock.ts';
export { createNameResolver, type NameResolver, type ResolverSettings } from './resolver.ts';
export { socketWire } from './sockets.ts';
export { systemServers } from './system-servers.ts';
export type { Watched } from './watched.ts';
