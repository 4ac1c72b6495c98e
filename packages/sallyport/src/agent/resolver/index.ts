import { type AnswerCounts, Answering } from './answer.ts';
import { OwnClients } from './clients.ts';
import type { Listen, Opened, Port, Served } from './listen.ts';
import { type Names, noNames } from './names.ts';
import type { Rate } from './rate.ts';
import { openStream } from './stream-listener.ts';
import { openUdp } from './udp-listener.ts';
import { Forwarder, type ForwarderOptions, type Upstream } from './upstream/forwarder.ts';

export type { Listen } from './listen.ts';

export interface ResolverOptions extends ForwarderOptions {
  readonly listen: readonly Listen[];
  readonly names?: Names;
  /** Whom to ask; or who asks, so that several resolvers share what they are told. */
  readonly upstream: Upstream | Forwarder;
  /** Questions that one client may send upstream. Default: as many as it likes, within the bound on open ones. */
  readonly rate?: Rate;
  readonly log?: (line: string) => void;
}

export interface Resolver {
  /** The sockets in the order of `listen`, with the ports that they got. */
  readonly listening: readonly Listen[];
  /** How questions were answered so far. */
  readonly counts: Readonly<AnswerCounts>;
  close(): Promise<void>;
}

/**
 * A DNS server that answers from a table and forwards the rest (spec/istio.md 3.4, spec/security.md 1.7). Envoy's `dns_filter` cannot
 * take its place (spec/envoy.md 1.5). Throws PORT_IN_USE when it cannot listen; then nothing stays open.
 */
export async function startResolver(options: ResolverOptions): Promise<Resolver> {
  const { names = noNames, upstream, rate, log } = options;
  let warned = false;
  const answering = new Answering({
    names,
    forwarder: upstream instanceof Forwarder ? upstream : new Forwarder(upstream, options),
    ...(rate !== undefined && { rate }),
    onLoop: () => {
      if (!warned) log?.('DNS queries come back to this resolver: its own traffic is captured; forward through a Unix socket');
      warned = true;
    },
  });
  const served: Served = { answering, clients: new OwnClients() };
  const open: Opened[] = [];
  try {
    for (const listen of options.listen)
      open.push(...('path' in listen ? [await openStream(listen, served)] : await openBoth(listen, served)));
  } catch (error) {
    await Promise.all(open.map((one) => one.close()));
    throw error;
  }
  return {
    counts: answering.counts,
    listening: open.filter((one) => one.kind === 'stream').map((one) => one.listen),
    close: async () => {
      await Promise.all(open.map((one) => one.close()));
    },
  };
}

/** A free port of UDP may be taken for TCP: then another one is tried. */
async function openBoth(listen: Port, served: Served): Promise<Opened[]> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = await openUdp(listen, served);
    try {
      return [udp, await openStream(udp.listen, served)];
    } catch (error) {
      await udp.close();
      if (listen.port !== 0 || attempt === 10) throw error;
    }
  }
}
