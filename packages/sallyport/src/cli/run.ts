import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { serveAdmin } from '../admin/server.ts';
import type { SourceEvent } from '../config/index.ts';
import { type LedgerView, openLedger } from '../ledger/index.ts';
import { SallyportError } from '../lib/error.ts';
import { type Issue, MESH } from '../model/index.ts';
import { keepAddresses } from '../pipeline/addresses.ts';
import type { Vip } from '../pipeline/index.ts';
import { type ServeEvent, serveAds } from '../pipeline/serve.ts';
import { createFileSource } from '../source/index.ts';
import { countBuffersWithHeap } from './heap.ts';
import { issueText, summarise, summaryText } from './issues.ts';
import { localAuthority } from './local-authority.ts';
import { lookNamesUp } from './name-lookups.ts';
import { meshOverlay, type Offline, openPipeline, type PipelineOptions } from './offline.ts';
import { examples, type Outputs, placeOf, shared } from './options.ts';
import { runState } from './run-state.ts';
import { runtimeDir } from './runtime-dir.ts';
import type { Terminal } from './terminal.ts';

interface RunOptions extends PipelineOptions, Outputs {
  readonly file: readonly string[];
  readonly meshConfig?: string;
  readonly xds: string;
  readonly runtimeDir?: string;
  readonly stateDir?: string;
}

export function addRun(program: Command, terminal: Terminal): void {
  const command = program
    .command('run')
    .summary('run a control plane on a directory of configuration')
    .description(
      'Watches files, serves proxies over delta ADS on loopback, and says what it finds.\nThe directory is the truth: edit it, or let apply and delete change it. Runs until interrupted.',
    )
    .addOption(shared.files())
    .addOption(shared.namespace())
    .addOption(shared.meshConfig())
    .addOption(shared.vip('ledger'))
    .addOption(shared.rootNamespace())
    .addOption(shared.cluster())
    .addOption(shared.vipClusterName())
    .addOption(shared.glooV1())
    .option('--xds <host:port>', 'where proxies connect; loopback only, since nobody is asked who they are', '127.0.0.1:15010')
    .addOption(shared.runtimeDir())
    .option(
      '--state-dir <dir>',
      'where the certificate authority and the ledger of virtual addresses are kept (default: the runtime directory)',
    )
    .addOption(shared.output())
    .action((options: RunOptions) => run(options, terminal));
  examples(command, ['sallyport run -f mesh/', 'sallyport run -f mesh/ --xds 127.0.0.1:16010 --runtime-dir /tmp/second']);
}

/** Runs until SIGINT or SIGTERM. Throws USAGE, PORT_IN_USE and NOT_LOOPBACK before anything is served. */
async function run(options: RunOptions, terminal: Terminal): Promise<void> {
  if (options.file.length === 0) throw new SallyportError('USAGE', 'name the configuration: sallyport run -f DIR');
  const place = placeOf(options.xds);
  if (place.kind !== 'tcp')
    throw new SallyportError('USAGE', '--xds takes HOST:PORT; a Unix socket is served besides, in the runtime directory');
  const directory = await directoryOf(options.file);
  const paths = runtimeDir(options.runtimeDir);
  const say = speaker(options, terminal);
  countBuffersWithHeap();
  const opened = openPipeline(options, await meshOverlay(options.meshConfig), true);
  const ads = serveAds(opened.pipeline, { log: (event) => say.proxy(event) });
  let synced = false;
  const { stateDir = paths.root } = options;
  const sign = localAuthority(join(stateDir, 'ca'), () => trustDomainOf(opened, synced));
  const lookups = lookNamesUp(opened.pipeline, () => {
    if (synced) say.found(opened.configuration.issues());
  });
  let ledger: LedgerView | undefined;
  const state = runState({
    ...opened,
    ...{ ads, lookups, directory, sign },
    xds: [options.xds, `unix:${paths.xds}`],
    ledger: () => ledger,
  });
  const admin = await serveAdmin(paths.admin, state);
  const addresses = await openAddresses(options.vip, join(stateDir, 'addresses'), opened.pipeline, (text) =>
    say.notice(text),
  ).catch(async (error: unknown) => {
    await admin.close();
    throw error;
  });
  ledger = addresses.ledger;

  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const listen = async (): Promise<void> => {
    await ads.listen(place.port, place.address).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE')
        throw new SallyportError('PORT_IN_USE', `${options.xds} is taken by another program; give another address with --xds`, {
          cause,
        });
      throw new SallyportError('NOT_LOOPBACK', `--xds ${options.xds}: ${cause.message}`, { cause });
    });
    await openSocketFolder(paths.xds);
    await ads.listenUnix(paths.xds);
    await chmod(paths.xds, 0o666);
    say.ready(
      opened.configuration.store.objects.size,
      directory ?? options.file.join(', '),
      options.xds,
      opened.configuration.issues(),
    );
  };
  let listening: Promise<void> | undefined;
  let failed: unknown;
  const onEvent = (event: SourceEvent): void => {
    opened.configuration.receive(event);
    state.heard(event);
    if (synced) say.changed(event, opened.configuration.issues());
    if (!event.synced || synced) return;
    synced = true;
    addresses.reconcile();
    // Proxies are served only when all files have been read: a proxy that comes early must not lose what it has.
    listening = listen().catch((error: unknown) => {
      failed = error;
      stop.abort();
    });
  };
  try {
    await createFileSource(options.file).watch(onEvent, stop.signal);
    await listening;
    if (failed !== undefined) throw failed;
  } finally {
    lookups.close();
    await ads.close(2_000);
    await admin.close();
    addresses.close();
    await rm(paths.xds, { force: true });
  }
}

/** How often it is tried again to give an address to whoever waits for one. */
const RETRY_MS = 5_000;

interface OpenAddresses {
  readonly ledger: LedgerView | undefined;
  reconcile(): void;
  close(): void;
}

/** Lets the ledger in a folder answer, made if it is not there. A control plane that takes addresses from elsewhere leaves it alone. */
async function openAddresses(
  vip: Vip,
  folder: string,
  pipeline: Offline['pipeline'],
  notice: (text: string) => void,
): Promise<OpenAddresses> {
  if (vip !== 'ledger') return { ledger: undefined, reconcile: () => {}, close: () => {} };
  const { store, close } = await openLedger(folder);
  if (store.torn > 0)
    notice(`the ledger of virtual addresses ended in ${store.torn} octets of a line that was never used; they are dropped`);
  const keeper = keepAddresses(pipeline, { store, now: Date.now });
  const timer = setInterval(() => {
    if (keeper.isWaiting) pipeline.graph.commit(() => {});
  }, RETRY_MS);
  timer.unref();
  return {
    ledger: store.ledger,
    reconcile: () => keeper.reconcile(),
    close: () => {
      clearInterval(timer);
      close();
    },
  };
}

/** Before all files have been read the mesh may turn out to be another, and a root must not be made for the wrong one. */
function trustDomainOf({ pipeline }: Offline, synced: boolean): string {
  const mesh = synced ? pipeline.registry.mesh.get(MESH) : undefined;
  if (mesh === undefined) throw new SallyportError('UNREACHABLE', 'the configuration is still being read; ask again');
  return mesh.trustDomain;
}

/** The directory that `apply` writes into: the argument, if it is the only one and no file. It is made if it is not there. */
async function directoryOf(files: readonly string[]): Promise<string | undefined> {
  const [only, ...others] = files;
  if (only === undefined || others.length > 0 || /[*?]/.test(only)) return undefined;
  const found = await stat(only).catch(() => undefined);
  if (found?.isFile()) return undefined;
  if (found === undefined) await mkdir(only, { recursive: true });
  return only;
}

/** Proxies of captured workloads run as users of their own, so everybody may pass; as open as the port itself. */
async function openSocketFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await chmod(dirname(dirname(path)), 0o711);
  await chmod(dirname(path), 0o711);
  await rm(path, { force: true });
}

interface Speaker {
  ready(objects: number, from: string, xds: string, issues: readonly Issue[]): void;
  changed(event: SourceEvent, issues: readonly Issue[]): void;
  /** What may be said now that names have been looked up. */
  found(issues: readonly Issue[]): void;
  proxy(event: ServeEvent): void;
  notice(text: string): void;
}

/** One line for each thing that happens: text for people on the error stream, JSON lines for machines on the output. */
function speaker({ output }: RunOptions, terminal: Terminal): Speaker {
  let told = new Set<string>();
  const line = (event: string, fields: Readonly<Record<string, unknown>>, text: string): void => {
    if (output === 'json') terminal.out(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
    else terminal.err(`${terminal.colors.dim(new Date().toISOString().slice(11, 23))} ${text}\n`);
  };
  /** Says each finding when it appears, and when the last one has gone. */
  const findings = (issues: readonly Issue[]): void => {
    const now = new Set(issues.map((issue) => issueText(issue, terminal)));
    for (const text of now) if (!told.has(text)) line('issue', { text: text.trim() }, text.trimEnd());
    if (told.size > 0 && now.size === 0) line('issues-gone', {}, 'nothing is left to be said about the configuration');
    told = now;
  };
  return {
    ready(objects, from, xds, issues) {
      findings(issues);
      line(
        'ready',
        { objects, from, xds, issues: summarise(issues) },
        `serving ${objects} objects of ${from} on ${xds} (${summaryText(summarise(issues))})`,
      );
    },
    changed(event, issues) {
      const files = [...event.put.map((file) => file.path), ...event.remove.map((path) => `${path} (gone)`)];
      if (files.length > 0)
        line(
          'changed',
          { files },
          `took over ${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`,
        );
      findings(issues);
    },
    found: findings,
    proxy(event) {
      if (event.event === 'odd') line('notice', { text: event.text }, event.text);
      else if (event.event === 'refused')
        line(
          'refused',
          { ...event.nack },
          terminal.colors.red(`${event.nack.node} refuses ${event.nack.type} ${event.nack.name}: ${event.nack.detail}`),
        );
      else line(event.event, { node: event.node }, `${event.node} ${event.event}`);
    },
    notice: (text) => line('notice', { text }, text),
  };
}
