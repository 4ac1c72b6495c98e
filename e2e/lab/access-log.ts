/** A line of Envoy's access log in Istio's JSON form. A field that does not apply is null. */
export interface AccessRecord {
  readonly authority: string | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly protocol: string | null;
  readonly response_code: number;
  readonly response_code_details: string | null;
  readonly response_flags: string | null;
  /** Name of the listener that took the connection over. */
  readonly listener: string | null;
  readonly filter_chain_name: string | null;
  readonly route_name: string | null;
  readonly upstream_cluster: string | null;
  readonly upstream_host: string | null;
  readonly requested_server_name: string | null;
  readonly downstream_local_address: string | null;
  readonly [field: string]: unknown;
}

export interface AccessLog {
  readonly records: readonly AccessRecord[];
  add(record: AccessRecord): void;
  /** Resolves when `enough` says so of the records from index `from` on, with those records; after the timeout with what is there. */
  until(enough: (records: readonly AccessRecord[]) => boolean, from: number, timeoutMs: number): Promise<readonly AccessRecord[]>;
}

export function accessLog(): AccessLog {
  const records: AccessRecord[] = [];
  const waiting = new Set<() => void>();
  return {
    records,
    add: (record) => {
      records.push(record);
      for (const look of [...waiting]) look();
    },
    until: (enough, from, timeoutMs) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(records.slice(from));
        };
        const look = (): void => {
          if (enough(records.slice(from))) done();
        };
        const timer = setTimeout(done, timeoutMs);
        waiting.add(look);
        look();
      }),
  };
}
