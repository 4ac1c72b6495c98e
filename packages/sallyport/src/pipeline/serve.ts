import { type AdsServer, createAdsServer, type Nack } from '../ads/index.ts';
import { proxyOfNode } from '../scope/index.ts';
import type { Pipeline } from './index.ts';
import { refusalKey, watchCulprits } from './refusals.ts';

export interface ServeOptions {
  /** Hears of what is worth a line in the log: odd proxies, refused resources. */
  readonly log: (event: ServeEvent) => void;
}

export type ServeEvent =
  | { readonly event: 'connected' | 'disconnected'; readonly node: string }
  | { readonly event: 'odd'; readonly text: string }
  | { readonly event: 'refused'; readonly nack: Nack };

/**
 * Serves the tables of a pipeline to proxies. What proxies say comes back as input rows only: a connection is a row of
 * `proxies`, a rejection a row of `refusals`. The server listens nowhere until it is told to.
 */
export function serveAds(pipeline: Pipeline, { log }: ServeOptions): AdsServer {
  const { graph, inputs, envoy, scope } = pipeline;
  const culprits = watchCulprits(pipeline);
  return createAdsServer(
    { graph, tables: envoy.tables, classOf: scope.classOf },
    {
      onConnect: (nodes) => {
        const found = nodes.map((node) => ({ id: node.id, ...proxyOfNode(node) }));
        // A proxy may have several streams: it is connected with the first of them.
        const known = new Set(found.map(({ id }) => id).filter((id) => inputs.proxies.get(id) !== undefined));
        graph.commit((tx) => {
          for (const { id, value } of found) if (value !== undefined) tx.set(inputs.proxies, id, value);
        });
        for (const { id, value, issues } of found) {
          for (const issue of issues) log({ event: 'odd', text: `${id}: ${issue.message}` });
          if (value !== undefined && !known.has(id)) log({ event: 'connected', node: id });
          known.add(id);
        }
      },
      onDisconnect: (node) => {
        graph.commit((tx) => tx.set(inputs.proxies, node, undefined));
        log({ event: 'disconnected', node });
      },
      onNack: (nack) => {
        log({ event: 'refused', nack });
        if (nack.target === undefined) return;
        const refusal = { ...nack, target: nack.target, blamed: culprits(nack.type, nack.target, nack.detail) };
        graph.commit((tx) => tx.set(inputs.refusals, refusalKey(refusal), refusal));
      },
      onNotice: (text) => log({ event: 'odd', text }),
    },
  );
}
