import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';

/** Real Envoys of one machine, all of one binary, with one worker each and no admin interface. */
export interface Envoys {
  /** What they said that was worth a warning. */
  said(): string;
  stop(): Promise<void>;
}

export interface EnvoyNode {
  readonly name: string;
  readonly namespace: string;
}

export interface EnvoysOptions {
  readonly folder: string;
  readonly nodes: readonly EnvoyNode[];
  /** Ports of 127.0.0.1: the control plane, and the DNS server that Envoy asks where it asks itself. */
  readonly xdsPort: number;
  readonly dnsPort: number;
}

export async function startEnvoys({ folder, nodes, xdsPort, dnsPort }: EnvoysOptions): Promise<Envoys> {
  const { path } = await resolveEnvoy();
  let said = '';
  const children: ChildProcess[] = [];
  for (const node of nodes) {
    const config = join(folder, `${node.name}.json`);
    await writeFile(config, JSON.stringify(bootstrap(node, xdsPort, dnsPort)));
    const args = [
      '-c',
      config,
      '--concurrency',
      '1',
      '--disable-hot-restart',
      '--log-level',
      'warning',
      '--skip-deprecated-logs',
    ];
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (part) => {
      said = `${said}${part}`.slice(-20_000);
    });
    children.push(child);
  }
  return {
    said: () => said,
    stop: async () => {
      const ended = children.map((child) =>
        child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined,
      );
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ended);
    },
  };
}

function bootstrap({ name, namespace }: EnvoyNode, xdsPort: number, dnsPort: number): unknown {
  const at = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } });
  const metadata = {
    NAMESPACE: namespace,
    CLUSTER_ID: 'Kubernetes',
    INTERCEPTION_MODE: 'NONE',
    SALLYPORT_RESOLVER: 'true',
    SALLYPORT_NO_IDENTITY: 'true',
  };
  return {
    node: { id: `sidecar~127.0.0.1~${name}.${namespace}~${namespace}.svc.cluster.local`, cluster: namespace, metadata },
    dynamic_resources: {
      lds_config: { ads: {}, resource_api_version: 'V3' },
      cds_config: { ads: {}, resource_api_version: 'V3' },
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }],
      },
    },
    static_resources: {
      clusters: [
        {
          name: 'xds-grpc',
          connect_timeout: '5s',
          type: 'STATIC',
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
          load_assignment: { cluster_name: 'xds-grpc', endpoints: [{ lb_endpoints: [{ endpoint: { address: at(xdsPort) } }] }] },
        },
      ],
    },
    typed_dns_resolver_config: {
      name: 'envoy.network.dns_resolver.cares',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
        resolvers: [at(dnsPort)],
        dns_resolver_options: { no_default_search_domain: true },
      },
    },
  };
}
