import { create, createRegistry, toJsonString } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { type Bootstrap, BootstrapSchema, DownstreamConnectionsConfigSchema } from '@sallyport/apis/bootstrap';
import { CaresDnsResolverConfigSchema, HttpUpstreamOptionsSchema } from '@sallyport/apis/cluster';
import { ApiConfigSource_ApiType, ApiVersion, SocketOption_SocketState } from '@sallyport/apis/core';
import { HttpConnectionManagerSchema, RouterSchema } from '@sallyport/apis/http';
import { addressOf, adminCluster, type Place, sdsCluster, xdsCluster } from './clusters.ts';
import { metricsListener } from './metrics-listener.ts';
import { type Interception, type NodeIdentity, nodeOf } from './node.ts';
import { statistics } from './statistics.ts';

/** Where a proxy's resources come from: the control plane over delta ADS, or `cds.json` and `lds.json` in a folder. */
export type ConfigSource = { readonly kind: 'ads'; readonly place: Place } | { readonly kind: 'files'; readonly folder: string };

export interface BootstrapOptions {
  readonly identity: NodeIdentity;
  readonly interception: Interception;
  readonly source: ConfigSource;
  /** Unix sockets in the agent's private directory: admin is served by Envoy, sds by the agent. */
  readonly adminPath: string;
  readonly sdsPath: string;
  /** The agent's resolver on loopback, the only one that Envoy asks. */
  readonly resolver: { readonly address: string; readonly port: number };
  readonly metrics: { readonly address: string; readonly port: number };
  /** SO_MARK on everything that Envoy opens itself: how capture without root tells it from the application. */
  readonly mark?: number;
  /** Beyond this many downstream connections new ones are refused. Default 50,000. */
  readonly maxConnections?: number;
}

/** The configuration an Envoy starts with (spec/envoy.md 3 and 6; spec/istio.md 10.5 for the names of the clusters). */
export function bootstrapOf(options: BootstrapOptions): Bootstrap {
  return create(BootstrapSchema, {
    node: nodeOf(options.identity, options.interception),
    staticResources: {
      listeners: [metricsListener(options.metrics.address, options.metrics.port)],
      clusters: [
        ...(options.source.kind === 'ads' ? [xdsCluster(options.source.place)] : []),
        sdsCluster(options.sdsPath),
        adminCluster(options.adminPath),
      ],
    },
    dynamicResources: dynamicResources(options.source),
    // A socket in a directory of mode 0700: what runs in the captured namespace reaches every loopback port, but not this.
    admin: {
      address: { address: { case: 'pipe', value: { path: options.adminPath, mode: 0o600 } } },
      ignoreGlobalConnLimit: true,
    },
    statsConfig: statistics(),
    deferredStatOptions: { enableDeferredCreationStats: true },
    typedDnsResolverConfig: {
      name: 'envoy.network.dns_resolver.cares',
      typedConfig: anyPack(CaresDnsResolverConfigSchema, resolverConfig(options.resolver)),
    },
    ...(options.mark === undefined
      ? {}
      : { clusterManager: { upstreamBindConfig: { socketOptions: [markOption(options.mark)] } } }),
    overloadManager: {
      resourceMonitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          configType: {
            case: 'typedConfig',
            value: anyPack(
              DownstreamConnectionsConfigSchema,
              create(DownstreamConnectionsConfigSchema, {
                maxActiveDownstreamConnections: BigInt(options.maxConnections ?? 50_000),
              }),
            ),
          },
        },
      ],
    },
    layeredRuntime: {
      layers: [
        {
          name: 'sallyport',
          // Users' regular expressions: RE2 refuses by itself what is too large; Envoy's own lower bound would refuse Istio's.
          layerSpecifier: { case: 'staticLayer', value: { 're2.max_program_size.error_level': 32_768 } },
        },
      ],
    },
  });
}

/** What stands inside an `Any` here; the registry of everything takes longer to load than Envoy to start. */
const packed = createRegistry(
  CaresDnsResolverConfigSchema,
  DownstreamConnectionsConfigSchema,
  HttpConnectionManagerSchema,
  HttpUpstreamOptionsSchema,
  RouterSchema,
);

/** Canonical proto3 JSON, as Envoy reads it from a `.json` file. */
export function bootstrapJson(bootstrap: Bootstrap): string {
  return toJsonString(BootstrapSchema, bootstrap, { registry: packed, prettySpaces: 2 });
}

function dynamicResources(source: ConfigSource) {
  // Never give up waiting: a proxy that begins without its listeners would let traffic fail that it should carry.
  const initialFetchTimeout = { seconds: 0n };
  if (source.kind === 'files') {
    const file = (name: string) => ({
      resourceApiVersion: ApiVersion.V3,
      initialFetchTimeout,
      configSourceSpecifier: { case: 'pathConfigSource' as const, value: { path: `${source.folder}/${name}.json` } },
    });
    return { cdsConfig: file('cds'), ldsConfig: file('lds') };
  }
  const ads = {
    resourceApiVersion: ApiVersion.V3,
    initialFetchTimeout,
    configSourceSpecifier: { case: 'ads' as const, value: {} },
  };
  return {
    cdsConfig: ads,
    ldsConfig: ads,
    adsConfig: {
      apiType: ApiConfigSource_ApiType.DELTA_GRPC,
      transportApiVersion: ApiVersion.V3,
      setNodeOnFirstMessageOnly: true,
      grpcServices: [{ targetSpecifier: { case: 'envoyGrpc' as const, value: { clusterName: 'xds-grpc' } } }],
    },
  };
}

/** No fallback to the machine's resolver, and no search domains, which turn one name into six questions (spec/field.md 3 A). */
function resolverConfig(resolver: { readonly address: string; readonly port: number }) {
  return create(CaresDnsResolverConfigSchema, {
    resolvers: [addressOf({ kind: 'tcp', ...resolver })],
    useResolversAsFallback: false,
    dnsResolverOptions: { noDefaultSearchDomain: true },
    queryTimeoutSeconds: 5n,
    queryTries: 2,
  });
}

function markOption(mark: number) {
  const [SOL_SOCKET, SO_MARK] = [1n, 36n];
  return {
    description: 'sallyport capture',
    level: SOL_SOCKET,
    name: SO_MARK,
    value: { case: 'intValue' as const, value: BigInt(mark) },
    state: SocketOption_SocketState.STATE_PREBIND,
  };
}
