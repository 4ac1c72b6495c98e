import { request } from 'node:http';

export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

/** Envoy's admin interface over its Unix socket. Every question ends within `timeoutMs`; rejects when nobody answers. */
export class AdminClient {
  readonly #path: string;
  readonly #timeoutMs: number;

  constructor(path: string, timeoutMs = 2_000) {
    this.#path = path;
    this.#timeoutMs = timeoutMs;
  }

  get(path: string): Promise<AdminAnswer> {
    return this.#ask('GET', path);
  }

  post(path: string): Promise<AdminAnswer> {
    return this.#ask('POST', path);
  }

  /** Counters and gauges whose name the RE2 expression matches. */
  async statistics(filter: string): Promise<ReadonlyMap<string, number>> {
    const { status, body } = await this.get(`/stats?filter=${encodeURIComponent(filter)}`);
    const found = new Map<string, number>();
    if (status !== 200) return found;
    for (const line of body.split('\n')) {
      const colon = line.lastIndexOf(': ');
      const value = Number(line.slice(colon + 2));
      if (colon > 0 && Number.isFinite(value)) found.set(line.slice(0, colon), value);
    }
    return found;
  }

  #ask(method: 'GET' | 'POST', path: string): Promise<AdminAnswer> {
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          socketPath: this.#path,
          method,
          path,
          headers: { host: 'admin' },
          agent: false,
          signal: AbortSignal.timeout(this.#timeoutMs),
        },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('error', reject);
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  }
}
