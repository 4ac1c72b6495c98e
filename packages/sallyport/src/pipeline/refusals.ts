import { type Collection, type Graph, type Input, inputsOf } from '../collection/index.ts';
import type { ResourceTable } from '../envoy/index.ts';
import { type ConfigObject, type Issue, objectId, type ResourceType, type Translated } from '../model/index.ts';
import type { Pipeline } from './index.ts';

/** A version of a resource that Envoy refused, as an input row: whatever ads found out, and which objects are to blame. */
export interface Refusal {
  readonly type: ResourceType;
  readonly name: string;
  /** Row key in the resources of this type. */
  readonly target: string;
  readonly version: string;
  /** Envoy's words. */
  readonly detail: string;
  /** Ids of the configuration objects that the resource was made from, the likely culprits only. */
  readonly blamed: readonly string[];
}

export type ObjectTables = Readonly<Record<string, Collection<ConfigObject>>>;

/** More objects than this are a list that nobody reads; then Envoy's words must narrow it down. */
const MOST_BLAMED = 5;

/**
 * Remembers for each resource which objects the commit changed that gave it its present content: of the many
 * entries that share a listener, those are the ones to blame when the listener is refused.
 */
export function watchCulprits({ graph, envoy: { tables }, objects, inputs, translate }: Watched): Culprits {
  const changedWith = new Map<ResourceType, Map<string, ReadonlySet<string>>>(tables.map(({ type }) => [type, new Map()]));
  const names = new Set(Object.values(objects).map((table) => table.name));
  graph.onCommit((commit) => {
    const watched = new Set([...Object.values(objects), ...Object.values(inputs.objects)].filter((table) => table !== undefined));
    const changed = new Set([...watched].flatMap((table) => [...commit.diff(table).keys()]));
    for (const { type, resources } of tables) {
      for (const [target, { after }] of commit.diff(resources)) {
        if (after === undefined) changedWith.get(type)?.delete(target);
        else changedWith.get(type)?.set(target, changed);
      }
    }
  });
  return (type, target, detail) => {
    const table = tables.find((t) => t.type === type);
    const reason = table === undefined ? undefined : graph.why(table.resources, target);
    const all = reason === undefined ? [] : [...inputsOf(reason, names)].map(({ key }) => key);
    const changed = changedWith.get(type)?.get(target);
    const recent = all.filter((id) => changed?.has(id));
    const likely = recent.length > 0 ? recent : all;
    const named = likely.filter((id) => wordsOf(id, objects).some((word) => detail.includes(word)));
    const narrow = likely.length <= MOST_BLAMED || named.length === 0 ? likely : named;
    const written = new Set(narrow.flatMap((id) => writtenFor(id, translate.translated, changed)));
    return [...written].slice(0, MOST_BLAMED);
  };
}

type Watched = Pick<Pipeline, 'graph' | 'envoy' | 'objects' | 'translate'> & {
  readonly inputs: Pick<Pipeline['inputs'], 'objects'>;
};

/** Of an object made from Gloo objects, those that changed with it; of any other, itself. */
function writtenFor(id: string, translated: Collection<Translated>, changed: ReadonlySet<string> | undefined): readonly string[] {
  const made = translated.get(id);
  if (made?.object.translatedFrom === undefined) return [id];
  const sources = [...new Set(made.provenance.filter(({ field }) => field[0] === 'spec').map(({ object }) => objectId(object)))];
  const recent = sources.filter((source) => changed?.has(source));
  return recent.length > 0 ? recent : [objectId(made.object.translatedFrom)];
}

export type Culprits = (type: ResourceType, target: string, detail: string) => readonly string[];

/** What Envoy's message would say if it spoke of this object: its name, or a host that it names. */
function wordsOf(id: string, objects: ObjectTables): string[] {
  const object = objects[id.split('/')[0]!]?.get(id);
  const spec = object?.spec as { readonly hosts?: readonly string[]; readonly host?: string } | undefined;
  return [...(spec?.hosts ?? []), ...(spec?.host === undefined ? [] : [spec.host])];
}

/** Issues for refused versions. A refusal ends by itself as soon as the resource has another version. */
export function buildRefusals(
  graph: Graph,
  refusals: Input<Refusal>,
  tables: readonly ResourceTable[],
  objects: ObjectTables,
): Collection<Issue> {
  return graph.derive<Refusal, Issue>('refusals.issues', refusals, (row, key, read) => {
    const table = tables.find((t) => t.type === row.type);
    if (table === undefined || read.get(table.resources, row.target)?.version !== row.version) return [];
    const issue = { code: 'NACK', severity: 'error', message: messageOf(row), hint: HINT } as const;
    if (row.blamed.length === 0) return [[key, issue]];
    return row.blamed.map((id) => {
      const object = objects[id.split('/')[0]!] && read.get(objects[id.split('/')[0]!]!, id);
      return [`${key}\n${id}`, object === undefined ? issue : { ...issue, object: object.key, origin: object.origin }] as const;
    });
  });
}

const HINT = 'the last version that Envoy accepted stays in force; change the object, and the resource is sent again';

function messageOf({ type, name, detail }: Refusal): string {
  return `Envoy refuses the ${type} ${name} made from this object: ${detail}`;
}

/** Row key of a refusal: one for each version of a resource. */
export const refusalKey = (r: Pick<Refusal, 'type' | 'target' | 'version'>): string => `${r.type}\n${r.target}\n${r.version}`;
