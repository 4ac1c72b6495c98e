// A sidecar and a gateway with the mesh's certificates, in one network namespace. Argument: where the control plane is, as JSON.
// Says {ready} when both are, and {agent, access} for each line of their access logs; ends on SIGTERM.
import { runAgent } from 'sallyport/agent/agent.ts';
import type { NodeIdentity } from 'sallyport/agent/bootstrap/node.ts';
import { staticNames } from 'sallyport/agent/resolver/names.ts';
import { localCredentials } from 'sallyport/cli/local-credentials.ts';

export interface EgressPlaces {
  readonly xds: string;
  readonly admin: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly client: NodeIdentity;
  readonly gateway: NodeIdentity;
}

const { xds, admin, names, client, gateway } = JSON.parse(process.argv[2] ?? '{}') as EgressPlaces;
const say = (line: object) => console.log(JSON.stringify(line));

const start = async (identity: NodeIdentity, metrics: number) => {
  const { name, namespace, serviceAccount = 'default' } = identity;
  const credentials = await localCredentials(admin, { namespace, serviceAccount, xds: `unix:${xds}` });
  if ('none' in credentials) throw new Error(credentials.none);
  return runAgent({
    identity,
    source: { kind: 'ads', place: { kind: 'unix', path: xds } },
    mode: { kind: 'none' },
    ports: { metrics, health: 0, resolver: 0 },
    names: { envoy: staticNames(names) },
    upstream: { kind: 'nobody' },
    concurrency: 1,
    stopDrainSeconds: 0,
    credentials,
    onAccess: (line) => say({ agent: name, access: JSON.parse(line) }),
    onLog: ({ level, component, message }) => console.error(`${name} ${level} ${component}: ${message}`),
  });
};

const agents = await Promise.all([start(client, 15_090), start(gateway, 15_091)]);
process.once('SIGTERM', () => {
  for (const agent of agents) void agent.stop();
});
await Promise.all(agents.map((agent) => agent.untilReady(30_000)));
say({ ready: true });
