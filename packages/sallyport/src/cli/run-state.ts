import type { ApplyReply, ApplyRequest, ProxyStatus, RefusedResource, TypeStatus } from '../admin/api.ts';
import { metricsText } from '../admin/metrics.ts';
import type { AdminState } from '../admin/server.ts';
import { keyHeld } from '../ads/held.ts';
import type { AdsServer } from '../ads/index.ts';
import { identify, readFileText, type SourceEvent } from '../config/index.ts';
import type { LedgerView } from '../ledger/index.ts';
import { SallyportError } from '../lib/error.ts';
import { type Issue, objectId, type ResourceType } from '../model/index.ts';
import { namesReply } from '../pipeline/names.ts';
import { applyText, deleteObjects, type Written } from '../source/index.ts';
import { summarise } from './issues.ts';
import type { NameLookups } from './name-lookups.ts';
import type { Offline } from './offline.ts';
import { VERSION } from './version.ts';

export interface RunStateOptions extends Offline {
  readonly ads: AdsServer;
  readonly lookups: NameLookups;
  /** The configuration directory that `apply` writes into; undefined when there is none. */
  readonly directory: string | undefined;
  readonly xds: readonly string[];
  readonly sign: AdminState['sign'];
  /** The ledger of virtual addresses, once it is open. */
  readonly ledger: () => LedgerView | undefined;
}

/** What a running control plane shows and does over its admin socket. `heard` is to be called with every event of the source. */
export interface RunState extends AdminState {
  heard(event: SourceEvent): void;
}

/** The source needs its quiet period, and a slow disk more; after this the reply says what is known. */
const PATIENCE_MS = 3_000;

export function runState(options: RunStateOptions): RunState {
  const { pipeline, configuration, ads, lookups, directory, xds, sign, ledger } = options;
  const startedAt = Date.now();
  const waiting = new Set<(event: SourceEvent) => void>();
  let commits = 0;
  pipeline.graph.onCommit(() => {
    commits += 1;
  });

  /** Resolves when the source has delivered every path, so that the reply speaks of what is in force. */
  const delivered = (paths: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      const missing = new Set(paths);
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(hear);
        resolve();
      };
      const hear = (event: SourceEvent): void => {
        for (const path of [...event.put.map((file) => file.path), ...event.remove]) missing.delete(path);
        if (missing.size === 0) done();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      waiting.add(hear);
    });

  const changing = async (request: ApplyRequest, work: (into: string) => ReturnType<typeof applyText>): Promise<ApplyReply> => {
    if (directory === undefined) {
      throw new SallyportError(
        'USAGE',
        'this control plane does not run on a directory, so nothing can be applied to it; change its source instead',
      );
    }
    const arrived: SourceEvent[] = [];
    const early = (event: SourceEvent): void => void arrived.push(event);
    waiting.add(early);
    const { value = [], issues } = await work(directory);
    waiting.delete(early);
    const seen = new Set(arrived.flatMap((event) => [...event.put.map((file) => file.path), ...event.remove]));
    const paths = value.filter(({ change, path }) => change !== 'unchanged' && !seen.has(path)).map(({ path }) => path);
    if (paths.length > 0) await delivered(paths);
    return {
      objects: value.map(appliedObject),
      issues: [...issues.map((issue) => calledBy(issue, request.name)), ...across(value)],
    };
  };

  /** Findings between the objects that were just written and all others. */
  const across = (written: readonly Written[]): Issue[] => {
    const ids = new Set(written.map(({ key }) => objectId(key)));
    const onDocuments = new Set(configuration.store.issues());
    return configuration
      .issues()
      .filter((issue) => !onDocuments.has(issue) && issue.object !== undefined && ids.has(objectId(issue.object)));
  };

  return {
    heard: (event) => {
      for (const hear of [...waiting]) hear(event);
    },
    status: () => ({
      version: VERSION,
      pid: process.pid,
      ...(directory !== undefined && { directory }),
      xds,
      startedAt,
      commit: commits,
      objects: configuration.store.objects.size,
      proxies: new Set(ads.status().map(({ node }) => node.id)).size,
      issues: summarise(configuration.issues()),
    }),
    issues: () => ({ issues: configuration.issues() }),
    proxies: () => proxyStatuses(options),
    lookups: () => lookups.status(),
    names: (host) => namesReply(pipeline, ledger(), host),
    sign,
    metrics: metricsText([
      { name: 'sallyport_commits_total', help: 'Changes taken over.', kind: 'counter', value: () => commits },
      {
        name: 'sallyport_objects',
        help: 'Configuration objects in force.',
        kind: 'gauge',
        value: () => configuration.store.objects.size,
      },
      {
        name: 'sallyport_xds_streams',
        help: 'Open streams of proxies and of their agents.',
        kind: 'gauge',
        value: () => ads.stats.streams,
      },
      { name: 'sallyport_xds_pushes_total', help: 'Responses sent to proxies.', kind: 'counter', value: () => ads.stats.pushes },
      {
        name: 'sallyport_xds_sent_bytes_total',
        help: 'Bytes of responses sent to proxies.',
        kind: 'counter',
        value: () => ads.stats.bytes,
      },
      {
        name: 'sallyport_xds_resources_total',
        help: 'Resources sent to proxies.',
        kind: 'counter',
        value: () => ads.stats.resources,
      },
      {
        name: 'sallyport_xds_nacks_total',
        help: 'Responses that proxies rejected.',
        kind: 'counter',
        value: () => ads.stats.nacks,
      },
      {
        name: 'sallyport_dns_queries_total',
        help: 'Queries sent to look names up for proxies.',
        kind: 'counter',
        value: () => lookups.queries,
      },
      {
        name: 'sallyport_dns_names_failing',
        help: 'Questions whose last query failed; their last answer stays in use.',
        kind: 'gauge',
        value: () => lookups.failing(),
      },
      {
        name: 'sallyport_internal_failures',
        help: 'Rows whose derivation failed and that keep their last result.',
        kind: 'gauge',
        value: () => pipeline.graph.failures.size,
      },
    ]),
    apply: (request) => changing(request, (into) => applyText(into, request.text, { defaultNamespace: request.namespace })),
    delete: (request) =>
      changing(request, (from) => {
        const { documents } = readFileText({ source: 'delete', path: request.name, text: request.text });
        const wanted = documents
          .map((document) => identify(document.value, request.namespace))
          .filter((identity) => identity !== undefined);
        if (wanted.length === 0)
          throw new SallyportError('USAGE', `${request.name} names no object: kind, apiVersion and metadata.name are needed`);
        return deleteObjects(from, wanted, { defaultNamespace: request.namespace });
      }),
  };
}

function appliedObject({ key, change, path }: Written): ApplyReply['objects'][number] {
  return { key, action: change === 'changed' ? 'configured' : change, file: path };
}

/** The user knows the input by the name it was given, not by the one it has here. */
function calledBy(issue: Issue, name: string): Issue {
  return issue.origin?.path === '-' ? { ...issue, origin: { ...issue.origin, path: name } } : issue;
}

const ORDER: readonly ResourceType[] = ['cluster', 'endpoints', 'listener', 'route', 'secret', 'nameTable', 'nameRow'];

/** One for each proxy: its Envoy and its agent have streams of their own. */
function proxyStatuses({ ads, pipeline, configuration }: RunStateOptions): readonly ProxyStatus[] {
  return [...Map.groupBy(ads.status(), ({ node }) => node.id)].map(([node, streams]) => {
    const classId = streams[0]!.class;
    const refused = refusedBy(pipeline, configuration, classId);
    const used = streams
      .flatMap(({ types }) => types)
      .filter((type) => type.wildcard || type.subscribed > 0 || type.acknowledged > 0);
    return {
      node,
      class: classId,
      connectedAt: Math.min(...streams.map(({ connectedAt }) => connectedAt)),
      types: used.map((type) => typeStatus(type, refused)).sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type)),
      refused,
    };
  });
}

/** The last rejection says nothing once its cause is gone: a proxy that has the good version still is not sent it again. */
function typeStatus(
  type: ReturnType<AdsServer['status']>[number]['types'][number],
  refused: readonly RefusedResource[],
): TypeStatus {
  const state = refused.some((one) => one.type === type.type)
    ? 'refused'
    : type.pending || type.unanswered > 0
      ? 'sending'
      : 'synced';
  return {
    type: type.type as ResourceType,
    subscribed: type.wildcard ? '*' : type.subscribed,
    acked: type.acknowledged,
    pending: type.unanswered,
    state,
  };
}

/** Versions that a proxy refused and that are still what this class should have. */
function refusedBy(
  { inputs, envoy, issues }: Offline['pipeline'],
  { placed }: Offline['configuration'],
  classId: string,
): RefusedResource[] {
  const found: RefusedResource[] = [];
  for (const [key, { type, name, target, detail }] of inputs.refusals.entries()) {
    const table = envoy.tables.find((one) => one.type === type);
    const told = issues.flatMap((collection) =>
      [...collection.entries()].filter(([at]) => at === key || at.startsWith(`${key}\n`)).map(([, issue]) => issue),
    );
    if (table !== undefined && keyHeld(table, classId, name) === target && told.length > 0)
      found.push({ type, name, detail, issues: placed(told) });
  }
  return found;
}
