import { networkInterfaces } from 'node:os';
import { type Interception, nodeOf } from './bootstrap/node.ts';
import { type PushedNames, pushedNames } from './names/index.ts';
import type { AgentOptions } from './options.ts';
import { type Listen, startResolver } from './resolver/index.ts';
import { layered, noNames } from './resolver/names.ts';
import type { Forwarder } from './resolver/upstream/forwarder.ts';
import type { AgentStatus } from './status.ts';

export interface ApplicationDnsOptions extends Pick<AgentOptions, 'identity' | 'source' | 'names' | 'dns'> {
  readonly interception: Interception;
  readonly port: number;
  readonly forwarder: Forwarder;
  /** First search domain of /etc/resolv.conf. */
  readonly search?: string;
  readonly say: (line: string) => void;
}

export interface ApplicationDns {
  /** Undefined where no control plane says names. */
  readonly status: AgentStatus['names'];
  close(): Promise<void>;
}

/** An application that looks new names up faster than this is not looking for answers (spec/security.md D2). */
const UPSTREAM_RATE = { perSecond: 500, burst: 1_000 };

/** Answers the captured application: from the names of the control plane, then those given, then upstream. */
export async function answerApplication(options: ApplicationDnsOptions): Promise<ApplicationDns> {
  const { names, dns = {}, forwarder, port, say } = options;
  const pushed = await namesOf(options);
  const given = names?.application ?? noNames;
  try {
    const resolver = await startResolver({
      listen: loopbacks(port),
      names: pushed === undefined ? given : layered(pushed.names, given),
      upstream: dns.unknown === 'refuse' ? { kind: 'nobody' } : forwarder,
      ...(dns.rate !== 'unlimited' && { rate: dns.rate ?? UPSTREAM_RATE }),
      log: say,
    });
    return {
      get status() {
        return pushed && { ...pushed.status, answered: resolver.counts };
      },
      close: async () => {
        await resolver.close();
        await pushed?.close();
      },
    };
  } catch (error) {
    await pushed?.close();
    throw error;
  }
}

/** The names that the control plane pushes; none where there is no control plane. */
async function namesOf({
  identity,
  source,
  dns,
  interception,
  search,
  say,
}: ApplicationDnsOptions): Promise<PushedNames | undefined> {
  if (source.kind !== 'ads') return undefined;
  const { namespace } = identity;
  const first = dns?.search ?? search;
  return pushedNames({
    place: source.place,
    node: nodeOf(identity, interception),
    asker: { namespace, domain: identity.dnsDomain ?? `${namespace}.svc.cluster.local` },
    say,
    ...(first !== undefined && { search: first }),
    ...(dns?.keptIn !== undefined && { keptIn: dns.keptIn }),
  });
}

/** Redirected packets arrive at the loopback address of their own family. */
function loopbacks(port: number): Listen[] {
  const hasV6 = Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === '::1'));
  return [{ address: '127.0.0.1', port }, ...(hasV6 ? [{ address: '::1', port }] : [])];
}
