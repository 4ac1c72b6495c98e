import type { Step } from './changes.ts';
import type { Work } from './subject.ts';

/** What the measuring process asks of the server process; each request has one answer. */
export type Request =
  | { readonly ask: 'mark' }
  | { readonly ask: 'step'; readonly step: Step }
  | { readonly ask: 'report' }
  /** Answers when the number of streams is there and no request has come for `quietMs`. */
  | { readonly ask: 'settled'; readonly streams: number; readonly quietMs: number };

/** Times are milliseconds since the epoch, with fractions. */
export type Answer =
  | {
      readonly answer: 'ready';
      readonly port: number;
      readonly startedAt: number;
      readonly at: number;
      readonly cpu: number;
      readonly rss: number;
    }
  | { readonly answer: 'marked' }
  /** `at`: the document has arrived; `took`: milliseconds until the graph had settled. */
  | { readonly answer: 'stepped'; readonly at: number; readonly took: number }
  | { readonly answer: 'settled'; readonly lastRequestAt: number; readonly timedOut: boolean }
  | ({ readonly answer: 'report' } & Report);

/** Since the last mark; `cpu` in milliseconds of both user and system, memory in MiB. */
export interface Report {
  readonly cpu: number;
  readonly rss: number;
  readonly peakRss: number;
  readonly work: Work;
  readonly resourcesSent: number;
  readonly bytesSent: number;
  readonly pushes: number;
  readonly failures: number;
}
