import type { Issue } from '../model/index.ts';

/** A file as a source delivers it: sources know files, the store cuts them into documents. */
export interface SourceFile {
  /** As the user knows it; `-` for standard input. Unique within a source. */
  readonly path: string;
  readonly text: string;
  /** Which argument of the command line it came from, from 0; 0 if not given. Files are ordered by rank, then by path. */
  readonly rank?: number;
}

/** What a source saw happen. */
export interface SourceEvent {
  /** Name of the source, e.g. `files`. */
  readonly source: string;
  /** New and changed files. */
  readonly put: readonly SourceFile[];
  /** Paths of files that are gone and whose objects go with them. */
  readonly remove: readonly string[];
  /** Everything that was there when the source was opened has been delivered, with this event or before. */
  readonly synced: boolean;
  /** All that is now to be said about the source itself; replaces what it said before. A file that cannot be read keeps its last state. */
  readonly issues: readonly Issue[];
}
