import { objectId } from '../model/index.ts';
import { expandList } from './document.ts';
import type { Finding } from './finding.ts';
import { type Draft, type Judgement, judge } from './judge.ts';
import type { SourceFile } from './source-event.ts';
import { guessKey } from './yaml/guess.ts';
import type { Path } from './yaml/position.ts';
import { readDocument } from './yaml/read.ts';
import { placeAt, type Slice, splitDocuments } from './yaml/split.ts';

/** One object of a document. */
export interface Entry extends Judgement {
  readonly within: Path;
}

/** One document of a file, judged. */
export interface Part extends Slice {
  /** One, several for a list, none if the text could not be read. */
  readonly entries: readonly Entry[];
  /** Why the text could not be read. */
  readonly unread: readonly Finding[];
  /** Last good versions of objects that this document made before it turned bad. They stay in force. */
  readonly kept: readonly Draft[];
}

export interface FileState {
  readonly source: string;
  readonly path: string;
  readonly rank: number;
  readonly text: string;
  readonly parts: readonly Part[];
  /** How many objects of the input the file counts for. */
  readonly count: number;
  /** Why nothing of the present text was taken; the parts are those of the last text that could be read. */
  readonly unreadable?: Finding;
}

/** How many objects of the input a part counts for: each document that is not empty, each item of a list (design.md section 4). */
export function countOf(part: Part): number {
  return Math.max(1, part.entries.length);
}

const totalOf = (parts: readonly Part[]): number => parts.reduce((total, part) => total + countOf(part), 0);

/**
 * The state of a file after its text changed. Documents whose text did not change are not read again. A document that turned bad
 * keeps what it last gave: found by the object's name, or by its place among the documents that changed where no name can be read.
 */
export function nextFile(source: string, file: SourceFile, before: FileState | undefined, defaultNamespace: string): FileState {
  const rank = file.rank ?? 0;
  const state = { source, path: file.path, rank, text: file.text };
  const zero = file.text.indexOf('\0');
  if (zero !== -1)
    return { ...state, parts: before?.parts ?? [], count: before?.count ?? 0, unreadable: binary(file.text, zero) };
  if (before?.text === file.text) return { ...before, rank };
  const pool = new Pool(before?.parts ?? []);
  const parts = splitDocuments(file.text).map((slice) => {
    const same = pool.take(slice.text);
    return same === undefined ? readPart(slice, defaultNamespace) : { ...same, ...slice, reused: true };
  });
  return { ...state, parts: keepLastGood(parts, pool.rest(), defaultNamespace), count: totalOf(parts) };
}

/** The old documents of a file by their text, each to be taken once, in order. */
class Pool {
  readonly #byText = new Map<string, Part[]>();

  constructor(parts: readonly Part[]) {
    for (const part of parts) {
      const twins = this.#byText.get(part.text);
      if (twins === undefined) this.#byText.set(part.text, [part]);
      else twins.push(part);
    }
  }

  take(text: string): Part | undefined {
    return this.#byText.get(text)?.shift();
  }

  rest(): readonly Part[] {
    return [...this.#byText.values()].flat().sort((a, b) => a.line - b.line);
  }
}

function readPart(slice: Slice, defaultNamespace: string): Part {
  const { value, findings } = readDocument(slice.text);
  const documents = value === undefined ? [] : expandList({ source: '', path: '', ...slice, within: [], value });
  const entries = documents.map((document) => ({ within: document.within, ...judge(document.value, defaultNamespace) }));
  return { ...slice, entries, unread: findings, kept: [] };
}

const isBad = (entry: Entry): boolean =>
  entry.draft === undefined && entry.findings.some((finding) => finding.severity === 'error');

function draftsOf(part: Part): Draft[] {
  return [...part.entries.flatMap((entry) => entry.draft ?? []), ...part.kept];
}

function keepLastGood(
  parts: readonly (Part & { readonly reused?: boolean })[],
  gone: readonly Part[],
  defaultNamespace: string,
): readonly Part[] {
  const present = new Set(parts.flatMap((part) => part.entries.flatMap(({ draft }) => (draft ? objectId(draft.key) : []))));
  const absent = (draft: Draft): boolean => !present.has(objectId(draft.key));
  const lost = gone.map((part) => draftsOf(part).filter(absent)).filter((drafts) => drafts.length > 0);
  const named = (id: string): readonly Draft[] => {
    for (const drafts of lost) {
      const at = drafts.findIndex((draft) => objectId(draft.key) === id);
      if (at !== -1) return drafts.splice(at, 1);
    }
    return [];
  };
  const next = (): readonly Draft[] => lost.find((drafts) => drafts.length > 0)?.splice(0) ?? [];
  // By name first, for all, so that a nameless document does not take what a named one is about to ask for.
  const wanted = parts.map((part) => (part.reused === true ? { ids: [], nameless: false } : lastGoodOf(part, defaultNamespace)));
  const byName = wanted.map(({ ids }) => ids.flatMap(named));
  return parts.map(({ reused, ...part }, i) => {
    if (reused === true) return { ...part, kept: part.kept.filter(absent) };
    const kept = byName[i]!;
    return { ...part, kept: kept.length === 0 && wanted[i]!.nameless ? next() : kept };
  });
}

/** What a document that was not read before needs from the past: objects it names but does not give, or whatever stood in its place. */
function lastGoodOf(part: Part, defaultNamespace: string): { readonly ids: readonly string[]; readonly nameless: boolean } {
  const bad = part.entries.filter(isBad);
  const keys = part.unread.length > 0 ? [guessKey(part.text, defaultNamespace)] : bad.map((entry) => entry.key);
  return { ids: keys.flatMap((key) => (key === undefined ? [] : objectId(key))), nameless: keys.includes(undefined) };
}

function binary(text: string, offset: number): Finding {
  return {
    code: 'FILE_BINARY',
    severity: 'error',
    field: [],
    place: placeAt(text, offset),
    message: 'the file has a NUL byte, so it is no text',
    hint: 'keep binary files out of the configuration, or save this one as UTF-8',
  };
}
