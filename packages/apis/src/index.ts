/**
 * Everything under one name. A command that must start fast imports the module it needs instead: `@sallyport/apis/discovery`.
 * `registry` is left out on purpose: it knows every file there is.
 */
export * from './accesslog.ts';
export * from './admin.ts';
export * from './bootstrap.ts';
export * from './cluster.ts';
export * from './core.ts';
export * from './discovery.ts';
export * from './endpoint.ts';
export * from './http.ts';
export * from './listener.ts';
export * from './matcher.ts';
export * from './nds.ts';
export * from './network.ts';
export * from './rbac.ts';
export * from './route.ts';
export * from './secret.ts';
export * from './services.ts';
export * from './tls.ts';
export * from './tracing.ts';
export * from './type-urls.ts';
