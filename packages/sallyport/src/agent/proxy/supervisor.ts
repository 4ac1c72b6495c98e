import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { AdminClient } from './admin-client.ts';
import { backOff } from './back-off.ts';
import { type LaunchOptions, launchOf } from './launch.ts';
import { type LogRecord, parseLogLine } from './log-line.ts';

export type EnvoyState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly pid: number }
  /** It ended by itself; `why` is a sentence, with the last error that it wrote. */
  | { readonly kind: 'waiting'; readonly failures: number; readonly delayMs: number; readonly why: string }
  | { readonly kind: 'draining'; readonly pid: number }
  | { readonly kind: 'stopped' };

export interface SupervisorOptions extends Omit<LaunchOptions, 'bootstrapPath'> {
  /** Directory of mode 0700 that belongs to the user Envoy runs as; receives the bootstrap. */
  readonly folder: string;
  /** The bootstrap as JSON. */
  readonly bootstrap: string;
  readonly adminPath: string;
  /** How long connections may finish on stop, in seconds. Default 5. */
  readonly stopDrainSeconds?: number;
  readonly onLog?: (record: LogRecord) => void;
  /** Lines of stdout, where the stdout access logger writes. */
  readonly onAccess?: (line: string) => void;
  readonly onState?: (state: EnvoyState) => void;
}

const SETTLED_MS = 30_000;
const TERM_MS = 5_000;

/** Keeps one Envoy running: starts it, starts it again with growing pauses when it ends, drains it on stop. */
export class Supervisor {
  readonly admin: AdminClient;
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  #state: EnvoyState = { kind: 'starting' };
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.admin = new AdminClient(options.adminPath);
  }

  get state(): EnvoyState {
    return this.#state;
  }

  /** Writes the bootstrap and begins; does not wait for Envoy to be ready. Aborting the signal is like `stop()`. */
  async start(signal?: AbortSignal): Promise<void> {
    const path = join(this.#options.folder, 'bootstrap.json');
    await writeFile(path, this.#options.bootstrap, { mode: 0o600 });
    const { rights } = this.#options;
    if (rights.kind === 'user') await chown(path, rights.uid, rights.gid);
    this.#running = this.#keepRunning(path);
    signal?.addEventListener('abort', () => void this.stop(), { once: true });
    if (signal?.aborted) await this.stop();
  }

  /** Whether Envoy says it is LIVE: it has its first listeners and clusters, and its workers run. */
  async isLive(): Promise<boolean> {
    if (this.#state.kind !== 'running') return false;
    return this.admin.get('/ready').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** {@link AdminClient.statistics}; empty when Envoy does not answer. */
  async statistics(filter: string): Promise<ReadonlyMap<string, number>> {
    const none: ReadonlyMap<string, number> = new Map();
    return this.#state.kind === 'running' || this.#state.kind === 'draining'
      ? this.admin.statistics(filter).catch(() => none)
      : none;
  }

  /** Lets connections finish for `stopDrainSeconds`, then SIGTERM, then SIGKILL. Resolves when the process is gone. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #keepRunning(bootstrapPath: string): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const started = performance.now();
      const why = await this.#runOnce(bootstrapPath);
      if (this.#stopping.signal.aborted) break;
      failures = performance.now() - started > SETTLED_MS ? 1 : failures + 1;
      const delayMs = backOff(failures, Math.random());
      this.#enter({ kind: 'waiting', failures, delayMs, why });
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
    this.#enter({ kind: 'stopped' });
  }

  /** Resolves when the process has ended and all it wrote has been read, with a sentence about how. */
  async #runOnce(bootstrapPath: string): Promise<string> {
    this.#enter({ kind: 'starting' });
    const { command, binaryAsDescriptor } = launchOf({ ...this.#options, bootstrapPath });
    const [file = '', ...args] = command;
    const binary = binaryAsDescriptor ? await open(this.#options.binary, 'r') : undefined;
    try {
      if (this.#stopping.signal.aborted) return 'stopped before it started';
      const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe', ...(binary === undefined ? [] : [binary.fd])] });
      this.#child = child;
      let lastError = '';
      createInterface({ input: child.stdout! }).on('line', (line) => this.#options.onAccess?.(line));
      createInterface({ input: child.stderr! }).on('line', (line) => {
        const record = parseLogLine(line);
        if (record.level === 'error' || record.level === 'critical') lastError = record.message;
        this.#options.onLog?.(record);
      });
      child.once('spawn', () => this.#enter({ kind: 'running', pid: child.pid! }));
      const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      return `Envoy ended with ${signal ?? code}${lastError === '' ? '' : `: ${lastError}`}`;
    } catch (error) {
      return `Envoy did not start: ${(error as Error).message}`;
    } finally {
      this.#child = undefined;
      await binary?.close();
    }
  }

  async #end(): Promise<void> {
    const wasLive = await this.isLive();
    this.#stopping.abort();
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null) {
      this.#enter({ kind: 'draining', pid: child.pid });
      if (wasLive) await this.#drain(child);
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), TERM_MS);
      await this.#running;
      clearTimeout(force);
    }
    await this.#running;
  }

  async #drain(child: ChildProcess): Promise<void> {
    const until = performance.now() + (this.#options.stopDrainSeconds ?? 5) * 1_000;
    await this.admin.post('/drain_listeners?graceful').catch(() => {});
    while (performance.now() < until && child.exitCode === null && (await this.#connections()) > 0) await sleep(100);
  }

  /** Connections of clients; those of the admin interface and of who reads metrics may be cut. */
  async #connections(): Promise<number> {
    const active = await this.statistics('^listener\\..*downstream_cx_active$');
    let sum = 0;
    for (const [name, value] of active) if (!isOwn(name)) sum += value;
    return sum;
  }

  #enter(state: EnvoyState): void {
    if (this.#state.kind === 'stopped') return;
    if (this.#stopping.signal.aborted && state.kind !== 'draining' && state.kind !== 'stopped') return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}

function isOwn(statistic: string): boolean {
  return statistic.startsWith('listener.admin.') || statistic.startsWith('listener.metrics.') || statistic.includes('.worker_');
}
