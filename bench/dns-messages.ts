/** What the processes of the DNS measurement tell each other. */
export interface DnsServerAnswer {
  readonly port: number;
  /** Used by the process so far. */
  readonly cpuSeconds: number;
}

export interface ClientRequest {
  readonly port: number;
  readonly questions: readonly (readonly [string, 'A' | 'AAAA'])[];
  readonly open: number;
  readonly seconds: number;
}

export interface ClientReport {
  readonly answers: number;
  /** Questions without an answer within two seconds, and answers that were none. */
  readonly lost: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
