import { resourcesHeld } from '../ads/held.ts';
import {
  type Call,
  type CallOutcome,
  indexResources,
  resourcesFromBytes,
  sentenceOf,
  type Verdict,
  verdictOf,
  walk,
} from '../explain/index.ts';
import { type ConfigObject, compareText, type ProxyNode, type ResourceType } from '../model/index.ts';
import { becauseOf } from './because.ts';
import type { Pipeline } from './index.ts';
import { type LookedUp, lookedUp, withNames } from './unheard.ts';

/** Where a call goes, and why. */
export interface Explanation {
  readonly verdict: Verdict;
  /** Lower case, without full stop. */
  readonly sentence: string;
  readonly outcome: CallOutcome;
  /** The objects that made it so, by file and line. */
  readonly because: readonly ConfigObject[];
  /** Clusters that it met whose endpoints the control plane looks up. */
  readonly lookups: readonly LookedUp[];
}

/** Connects the proxy for as long as it takes to replay the call on what it would be sent. */
export function explainCall(pipeline: Pipeline, proxy: ProxyNode, call: Call): Explanation {
  pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, proxy.id, proxy));
  try {
    const classId = pipeline.scope.classOf.get(proxy.id)?.id ?? '';
    const list = (type: ResourceType) => bytesOf(pipeline, classId, type);
    const bytes = { listeners: list('listener'), clusters: list('cluster'), routes: list('route'), endpoints: list('endpoints') };
    const outcome = walk(indexResources(resourcesFromBytes(bytes)), call);
    const met = new Set((outcome.detail?.upstreams ?? []).map(({ cluster }) => cluster));
    return {
      lookups: lookedUp(pipeline, classId).filter(({ cluster }) => met.has(cluster)),
      verdict: verdictOf(outcome),
      sentence: sentenceOf(call, outcome),
      outcome,
      because: becauseOf(pipeline, classId, call, outcome),
    };
  } finally {
    pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, proxy.id, undefined));
  }
}

function bytesOf(pipeline: Pipeline, classId: string, type: ResourceType): Uint8Array[] {
  return pipeline.envoy.tables
    .filter((table) => table.type === type)
    .flatMap((table) =>
      [...resourcesHeld(table, classId)].flatMap(({ key, name }) => {
        const resource = table.resources.get(key);
        return resource === undefined ? [] : [{ name, bytes: withNames(pipeline, key, resource) }];
      }),
    )
    .sort((a, b) => compareText(a.name, b.name))
    .map(({ bytes }) => bytes);
}
