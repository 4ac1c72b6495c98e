import type { LookupStatus } from '../admin/api.ts';
import { createNameResolver, socketWire, systemClock, systemServers, type Watched } from '../dns/index.ts';
import { questionKey } from '../model/index.ts';
import type { Pipeline } from '../pipeline/index.ts';
import { followQuestions, type QuestionUse, questionUses, takeAnswers } from '../pipeline/lookups.ts';

/** The look-ups of a running control plane. */
export interface NameLookups {
  status(): readonly LookupStatus[];
  readonly queries: number;
  /** Questions whose last query failed. */
  failing(): number;
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
      const uses = questionUses(pipeline);
      return resolver.status().map((watched) => statusOf(watched, uses.get(questionKey(watched.question))));
    },
    failing: () => resolver.status().filter(({ failures }) => failures > 0).length,
    get queries() {
      return resolver.queries;
    },
    close: () => {
      unfollow();
      resolver.close();
    },
  };
}

function statusOf({ question, internet: _, ttlSeconds, error, ...watched }: Watched, use: QuestionUse | undefined): LookupStatus {
  const { hosts = [], refused = [] } = use ?? {};
  return {
    ...question,
    ...watched,
    ...(ttlSeconds !== undefined && { ttlSeconds }),
    ...(error !== undefined && { error }),
    refused: [...refused],
    hosts: [...hosts].sort(),
  };
}
