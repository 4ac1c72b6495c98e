import { type ConfigStore, createConfigStore, type SourceEvent } from '../config/index.ts';
import { compareText, type Issue, type ObjectKey, objectId, sourceOf } from '../model/index.ts';
import { rememberAcceptedRoutes } from './accepted-routes.ts';
import type { ActedOnKind, Pipeline } from './index.ts';

/** Documents in, objects in force: the store and the input tables that follow it. */
export interface Configuration {
  /** Takes over what a source reports, in one commit. */
  receive(event: SourceEvent): void;
  /** Everything there is to say now, sorted by place: on documents, across objects, and what proxies refused. */
  issues(): readonly Issue[];
  /** Findings of stages as users read them: on the objects that they wrote, with file and line. */
  placed(issues: readonly Issue[]): readonly Issue[];
  readonly store: ConfigStore;
}

export interface ConfigurationOptions {
  /** Namespace of documents that name none. */
  readonly defaultNamespace?: string;
  /** Documents without a timestamp keep the age they had when they were first seen, so that inserting one renumbers no other. */
  readonly keepAges?: boolean;
}

export function createConfiguration(pipeline: Pipeline, options: ConfigurationOptions = {}): Configuration {
  const store = createConfigStore(options);
  return {
    store,
    receive(event) {
      const { objects } = store.apply(event);
      pipeline.graph.commit((tx) => {
        for (const [kind, changed] of objects) {
          const table = pipeline.inputs.objects[kind as ActedOnKind];
          if (table === undefined) continue;
          for (const [id, object] of changed) tx.set(table, id, object);
        }
      });
      rememberAcceptedRoutes(pipeline);
    },
    placed: (issues) => onWritten(issues, pipeline).map((issue) => withOrigin(issue, store)),
    issues: () => [...store.issues(), ...acrossObjects(pipeline, store)].sort(byPlace),
  };
}

/** Issues of later stages name object and field; the store knows where these stand in the user's text. */
function acrossObjects(pipeline: Pipeline, store: ConfigStore): Issue[] {
  const found = pipeline.issues.flatMap((collection) => [...collection.entries()].map(([, issue]) => issue));
  const placed = onWritten(found, pipeline).map((issue) => withOrigin(issue, store));
  const defects = [...pipeline.graph.failures.entries()].map(
    ([, failure]): Issue => ({
      code: 'INTERNAL',
      severity: 'error',
      message: `${failure.collection} failed for ${failure.key.replaceAll('\n', ' ')}: ${failure.message}`,
      hint: 'this is a defect of ours; the last good result stays in force',
    }),
  );
  return [...placed, ...defects];
}

/**
 * What later stages find on objects made from Gloo objects is said of the Gloo field that the part came from: once, however many objects
 * were made from it.
 */
function onWritten(issues: readonly Issue[], { translate }: Pipeline): Issue[] {
  const told = new Map<string, { readonly issue: Issue; readonly on: ObjectKey[] }>();
  const others = new Map<string, Issue>();
  for (const issue of issues) {
    const { object, field, ...rest } = issue;
    const translated = object === undefined ? undefined : translate.translated.get(objectId(object));
    if (object === undefined || translated === undefined) {
      others.set(JSON.stringify([rest.code, rest.severity, rest.message, object, field]), issue);
      continue;
    }
    const source = sourceOf(translated, field);
    const key = JSON.stringify([rest.code, rest.severity, rest.message, source]);
    const before = told.get(key);
    const on = source.field.length === 0 ? { object: source.object } : source;
    if (before === undefined) told.set(key, { issue: { ...rest, ...on }, on: [object] });
    else before.on.push(object);
  }
  const made = [...told.values()].map(({ issue, on }) => ({
    ...issue,
    message: `${issue.message} (in the ${placesText(on)} made from it)`,
  }));
  return [...others.values(), ...made];
}

function placesText(objects: readonly ObjectKey[]): string {
  const names = [...new Set(objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`))].sort();
  return names.length < 3 ? names.join(' and the ') : `${names[0]} and ${names.length - 1} others`;
}

function withOrigin(issue: Issue, store: ConfigStore): Issue {
  if (issue.object === undefined) return issue;
  const origin = locate(store, issue.object, issue.field);
  return origin === undefined ? issue : { ...issue, origin };
}

/** Stages count fields from `spec`; the document has them below it, except where it has no spec at all. */
function locate(store: ConfigStore, object: ObjectKey, field: Issue['field']) {
  return store.locate(object, field) ?? store.locate(object);
}

function byPlace(a: Issue, b: Issue): number {
  return (
    compareText(a.origin?.path ?? '', b.origin?.path ?? '') ||
    (a.origin?.line ?? 0) - (b.origin?.line ?? 0) ||
    (a.origin?.column ?? 0) - (b.origin?.column ?? 0) ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  );
}
