import type { LookupStatus } from '../admin/api.ts';
import { createNameResolver, socketWire, systemClock, systemServers, type Watched } from '../dns/index.ts';
import { questionKey } from '../model/index.ts';
import type { Pipeline } from '../pipeline/index.ts';
import { followQuestions, refusedOf, takeAnswers } from '../pipeline/lookups.ts';

/** The look-ups of a running control plane. */
export interface NameLookups {
  status(): readonly LookupStatus[];
  readonly queries: number;
  close(): void;
}

/** Asks DNS what the pipeline's proxies need, from now on; `onNews` is called after answers have been taken over. */
export function lookNamesUp(pipeline: Pipeline, onNews: () => void): NameLookups {
  const resolver = createNameResolver({
    wire: socketWire,
    clock: systemClock,
    systemServers,
    onAnswers: (answers) => {
      takeAnswers(pipeline, answers);
      onNews();
    },
  });
  const unfollow = followQuestions(pipeline, resolver);
  return {
    status: () => {
      const hosts = hostsByQuestion(pipeline);
      return resolver
        .status()
        .map((watched) => statusOf(watched, pipeline, hosts.get(questionKey(watched.question)) ?? new Set()));
    },
    get queries() {
      return resolver.queries;
    },
    close: () => {
      unfollow();
      resolver.close();
    },
  };
}

function statusOf(
  { question, internet: _, elsewhere, ...watched }: Watched,
  pipeline: Pipeline,
  hosts: ReadonlySet<string>,
): LookupStatus {
  const refused = refusedOf(pipeline, question);
  const { ttlSeconds, error, ...rest } = watched;
  return {
    ...question,
    ...rest,
    ...(ttlSeconds !== undefined && { ttlSeconds }),
    ...(error !== undefined && { error }),
    ...(refused.length > 0 && { refused }),
    elsewhere,
    hosts: [...hosts].sort(),
  };
}

function hostsByQuestion({ envoy, registry }: Pipeline): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, { questions, service }] of envoy.resolved.entries()) {
    const host = registry.services.get(service)?.host;
    if (host === undefined) continue;
    for (const question of questions) {
      const key = questionKey(question);
      found.set(key, (found.get(key) ?? new Set()).add(host));
    }
  }
  return found;
}
