import { refusedAddresses } from '../envoy/index.ts';
import { parseDuration } from '../lib/duration.ts';
import { type Answer, type DnsOptions, type DnsResolver, MESH, type Question, questionKey } from '../model/index.ts';
import type { Pipeline } from './index.ts';

/** Who asks DNS. `dns/` has one; this is all that is asked of it. */
export interface NameAsker {
  want(questions: ReadonlyMap<string, Question | undefined>): void;
  configure(settings: AskerSettings): void;
}

export interface AskerSettings {
  /** Absent: the machine's own. */
  readonly servers?: readonly DnsResolver[];
  readonly timing: { readonly minTtlMs: number; readonly maxTtlMs: number };
}

/**
 * Has asked what the proxies that are there need, and no longer what they need no more. Answers come back as input rows, by
 * {@link takeAnswers}. Gives what ends it.
 */
export function followQuestions(
  { graph, registry, envoy }: Pick<Pipeline, 'graph' | 'registry' | 'envoy'>,
  asker: NameAsker,
): () => void {
  const configure = (): void => asker.configure(settingsOf(registry.mesh.get(MESH)?.sallyport.dns ?? {}));
  configure();
  asker.want(new Map(envoy.questions.entries()));
  return graph.onCommit((commit) => {
    if (commit.diff(registry.mesh).size > 0) configure();
    const diff = commit.diff(envoy.questions);
    if (diff.size > 0) asker.want(new Map([...diff].map(([key, { after }]) => [key, after])));
  });
}

export function takeAnswers(
  { graph, inputs }: Pick<Pipeline, 'graph' | 'inputs'>,
  answers: ReadonlyMap<string, Answer | undefined>,
): void {
  graph.commit((tx) => {
    for (const [key, answer] of answers) tx.set(inputs.answers, key, answer);
  });
}

const MIN_TTL = '5s';
const MAX_TTL = '5m';

function settingsOf({ resolvers, minTtl, maxTtl }: DnsOptions): AskerSettings {
  const [least, most] = [milliseconds(minTtl ?? MIN_TTL), milliseconds(maxTtl ?? MAX_TTL)];
  // One of them may have been given without a thought of the other's default: the one that is given counts.
  const timing =
    maxTtl === undefined
      ? { minTtlMs: least, maxTtlMs: Math.max(least, most) }
      : { minTtlMs: Math.min(least, most), maxTtlMs: most };
  return { ...(resolvers !== undefined && { servers: resolvers }), timing };
}

const milliseconds = (duration: string): number => (parseDuration(duration) ?? 0) / 1e6;

/** Who needs a question, and what of its answer may not be used there. */
export interface QuestionUse {
  /** Hosts of services, each once. */
  readonly hosts: ReadonlySet<string>;
  /** Addresses that the guard of some of these services refuses. */
  readonly refused: ReadonlySet<string>;
}

/** By `questionKey`: every question that is asked. */
export function questionUses({
  registry,
  envoy,
  inputs,
}: Pick<Pipeline, 'registry' | 'envoy' | 'inputs'>): ReadonlyMap<string, QuestionUse> {
  const uses = new Map<string, { hosts: Set<string>; refused: Set<string> }>();
  for (const [, { questions, service: key }] of envoy.resolved.entries()) {
    const service = registry.services.get(key);
    if (service === undefined) continue;
    for (const question of questions) {
      const id = questionKey(question);
      const use = uses.get(id) ?? { hosts: new Set(), refused: new Set() };
      uses.set(id, use);
      use.hosts.add(service.host);
      const answer = inputs.answers.get(id);
      if (answer !== undefined) for (const address of refusedAddresses(answer, service.guard)) use.refused.add(address);
    }
  }
  return uses;
}
