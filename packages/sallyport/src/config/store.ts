import { structural } from '../collection/equal.ts';
import { type ConfigObject, compareText, type Issue, type Kind, type ObjectKey, type Origin, objectId } from '../model/index.ts';
import { countSpans, keepSpans, type Span } from './ages.ts';
import { createdAtIndex } from './decode.ts';
import { issueOf, positionOf } from './document.ts';
import { countOf, type FileState, nextFile, type Part } from './file-state.ts';
import type { Draft } from './judge.ts';
import type { SourceEvent } from './source-event.ts';
import type { Path } from './yaml/position.ts';

export interface StoreOptions {
  /** Namespace of documents that name none; `default` if not given. */
  readonly defaultNamespace?: string;
  /**
   * For stores that live long: a document without creationTimestamp keeps its age when others come and go before it. The order of ages is
   * the same as without. Off by default: then the age is the document's number in the input (design.md section 4).
   */
  readonly keepAges?: boolean;
}

/** What an event did. */
export interface ConfigChange {
  /** By kind, then by object id; `undefined` for an object that is gone. */
  readonly objects: ReadonlyMap<Kind, ReadonlyMap<string, ConfigObject | undefined>>;
  /** Findings on documents and sources by a key that stays the same; `undefined` where nothing is left to be said. */
  readonly issues: ReadonlyMap<string, readonly Issue[] | undefined>;
}

/**
 * Keeps the documents of all sources and the objects they stand for. A document that turns bad keeps its last good version in force;
 * objects written twice are given by the last document in order, whatever the order of events.
 */
export interface ConfigStore {
  apply(event: SourceEvent): ConfigChange;
  /** Objects in force, by object id. */
  readonly objects: ReadonlyMap<string, ConfigObject>;
  /** All that stands to be said, by file and line. */
  issues(): readonly Issue[];
  /** Where an object in force, or a field of it, stands in the user's text. */
  locate(object: ObjectKey, field?: Path): Origin | undefined;
}

/** One version of an object: what a document says it is. */
interface Claim {
  readonly file: FileState;
  readonly part: Part;
  readonly within: Path;
  readonly draft: Draft;
  /** Position in the whole input. */
  readonly index: number;
  readonly kept: boolean;
}

/** The claims of one file, and where its documents stand in the count of the whole input. */
interface FileClaims {
  readonly file: FileState;
  readonly span: Span;
  readonly byId: ReadonlyMap<string, readonly Claim[]>;
}

export function createConfigStore({ defaultNamespace = 'default', keepAges = false }: StoreOptions = {}): ConfigStore {
  const files = new Map<string, FileState>();
  const claims = new Map<string, FileClaims>();
  /** Files that have a claim to an object, by object id. */
  const claimants = new Map<string, Set<string>>();
  const inForce = new Map<string, Claim>();
  const objects = new Map<string, ConfigObject>();
  const issues = new Map<string, readonly Issue[]>();

  function apply(event: SourceEvent): ConfigChange {
    const said = new Map<string, readonly Issue[] | undefined>();
    const say = (key: string, now: readonly Issue[]): void => {
      if (structural(issues.get(key) ?? [], now)) return;
      said.set(key, now.length > 0 ? now : undefined);
      if (now.length > 0) issues.set(key, now);
      else issues.delete(key);
    };
    const changed = new Set<string>();
    let recount = false;
    for (const path of event.remove) {
      const key = fileKey(event.source, path);
      if (!files.delete(key)) continue;
      recount = true;
      say(key, []);
    }
    for (const file of event.put) {
      const key = fileKey(event.source, file.path);
      const before = files.get(key);
      if (before?.text === file.text && before.rank === (file.rank ?? 0)) continue;
      const after = nextFile(event.source, file, before, defaultNamespace);
      files.set(key, after);
      changed.add(key);
      recount ||= before?.count !== after.count || before.rank !== after.rank;
      say(key, fileIssues(after));
    }
    say(`source/${event.source}`, event.issues);
    return { objects: settle(recount ? reclaimAll() : reclaim(changed), say), issues: said };
  }

  /** Files with as many documents as before: nothing moves in the count. Gives the objects whose claims changed. */
  function reclaim(changed: ReadonlySet<string>): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const key of changed) claim(key, files.get(key)!, claims.get(key)!.span, touched);
    return touched;
  }

  /** Counts all documents anew; what changes are the claims of changed files, and of files that move in the count. */
  function reclaimAll(): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const key of claims.keys()) if (!files.has(key)) withdraw(key, touched);
    const ordered = [...files].sort(([, a], [, b]) => byPlace(a, b));
    const counted = ordered.map(([key, { count }]) => {
      const old = claims.get(key);
      return { count, ...(old === undefined ? {} : { before: { ...old.span, count: old.file.count } }) };
    });
    for (const [i, span] of (keepAges ? keepSpans : countSpans)(counted).entries()) {
      const [key, file] = ordered[i]!;
      const old = claims.get(key);
      if (old?.file !== file || old.span.start !== span.start || old.span.step !== span.step) claim(key, file, span, touched);
    }
    return touched;
  }

  function claim(key: string, file: FileState, span: Span, touched: Set<string>): void {
    withdraw(key, touched);
    const made = claimsOf(file, span);
    claims.set(key, made);
    for (const id of made.byId.keys()) {
      touched.add(id);
      const holders = claimants.get(id);
      if (holders === undefined) claimants.set(id, new Set([key]));
      else holders.add(key);
    }
  }

  function withdraw(key: string, touched: Set<string>): void {
    for (const id of claims.get(key)?.byId.keys() ?? []) {
      touched.add(id);
      claimants.get(id)?.delete(key);
    }
    claims.delete(key);
  }

  /** Decides for each touched object which claim counts: the last in order. */
  function settle(touched: ReadonlySet<string>, say: (key: string, now: readonly Issue[]) => void): ConfigChange['objects'] {
    const changed = new Map<Kind, Map<string, ConfigObject | undefined>>();
    const note = (kind: Kind, id: string, object: ConfigObject | undefined): void => {
      const ofKind = changed.get(kind);
      if (ofKind === undefined) changed.set(kind, new Map([[id, object]]));
      else ofKind.set(id, object);
    };
    for (const id of touched) {
      const rivals = [...(claimants.get(id) ?? [])].flatMap((key) => claims.get(key)?.byId.get(id) ?? []);
      rivals.sort((a, b) => a.index - b.index);
      say(`duplicate/${id}`, duplicates(rivals));
      const winner = rivals.at(-1);
      const before = objects.get(id);
      if (winner === undefined) {
        claimants.delete(id);
        inForce.delete(id);
        if (objects.delete(id) && before !== undefined) note(before.key.kind, id, undefined);
        continue;
      }
      const last = inForce.get(id);
      inForce.set(id, winner);
      if (last !== undefined && sameClaim(last, winner)) continue;
      const object = objectOf(winner);
      if (structural(before, object)) continue;
      objects.set(id, object);
      note(object.key.kind, id, object);
    }
    return changed;
  }

  return {
    apply,
    objects,
    issues: () => [...issues.values()].flat().sort(byOrigin),
    locate(object, field) {
      const claim = inForce.get(objectId(object));
      return claim === undefined ? undefined : originOf(claim, field);
    },
  };
}

const fileKey = (source: string, path: string): string => `file/${source}/${path}`;

function byPlace(a: FileState, b: FileState): number {
  return a.rank - b.rank || compareText(a.source, b.source) || compareText(a.path, b.path);
}

function claimsOf(file: FileState, span: Span): FileClaims {
  const byId = new Map<string, Claim[]>();
  const add = (claim: Claim): void => {
    const id = objectId(claim.draft.key);
    const twins = byId.get(id);
    if (twins === undefined) byId.set(id, [claim]);
    else twins.push(claim);
  };
  let { start: index } = span;
  for (const part of file.parts) {
    for (const draft of part.kept) add({ file, part, within: [], draft, index, kept: true });
    for (const [i, { draft, within }] of part.entries.entries())
      if (draft !== undefined) add({ file, part, within, draft, index: index + i * span.step, kept: false });
    index += countOf(part) * span.step;
  }
  return { file, span, byId };
}

/** Whether two claims give the same object at the same place, so that it need not be made to be compared. */
function sameClaim(a: Claim, b: Claim): boolean {
  const sameFile = a.file.path === b.file.path && a.file.source === b.file.source;
  return a.draft === b.draft && a.index === b.index && sameFile && a.part.line === b.part.line && a.part.text === b.part.text;
}

function objectOf(claim: Claim): ConfigObject {
  return { ...claim.draft, createdAt: claim.draft.createdAt ?? createdAtIndex(claim.index), origin: originOf(claim) };
}

function originOf({ file, part, within }: Claim, field?: Path): Origin {
  const { source, path, line, column } = positionOf({ ...part, source: file.source, path: file.path, within }, field);
  return { source, path, line, column };
}

function fileIssues(file: FileState): readonly Issue[] {
  const { source, path, unreadable } = file;
  if (unreadable !== undefined) return [issueOf(unreadable, { source, path, text: '', line: 1, within: [] })];
  return file.parts.flatMap((part) => {
    const at = { source, path, text: part.text, line: part.line };
    return [
      ...part.unread.map((finding) => issueOf(finding, { ...at, within: [] }, part.kept[0]?.key)),
      ...part.entries.flatMap(({ findings, within, key }) => findings.map((finding) => issueOf(finding, { ...at, within }, key))),
    ];
  });
}

/** kubectl applies one document after the other, so that the last counts; whoever writes an object twice rarely means to. */
function duplicates(rivals: readonly Claim[]): readonly Issue[] {
  const real = rivals.filter((claim) => !claim.kept);
  const winner = real.at(-1);
  if (winner === undefined) return [];
  const place = originOf(winner);
  return real.slice(0, -1).map((claim) => ({
    code: 'DUPLICATE_OBJECT',
    severity: 'warning',
    object: claim.draft.key,
    origin: originOf(claim),
    message: `${claim.draft.key.kind} ${claim.draft.key.namespace}/${claim.draft.key.name} is written again at ${place.path}:${place.line}:${place.column}, and that one counts`,
    hint: 'keep one of the two, or give them different names',
  }));
}

function byOrigin(a: Issue, b: Issue): number {
  return (
    compareText(a.origin?.path ?? '', b.origin?.path ?? '') ||
    (a.origin?.line ?? 0) - (b.origin?.line ?? 0) ||
    (a.origin?.column ?? 0) - (b.origin?.column ?? 0) ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  );
}
