import type { Finding } from '../finding.ts';

/** What a rule may know of an object beside its spec. */
export interface Subject {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What is wrong with a normalised spec, or deserves a warning. Fields start at `spec`. */
export type Rule<S> = (spec: S, subject: Subject) => Iterable<Finding>;
