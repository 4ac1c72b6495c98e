import type { Node } from '@sallyport/apis/core';
import type { Place } from '../bootstrap/clusters.ts';
import { NameTable } from '../resolver/name-table.ts';
import type { Names } from '../resolver/names.ts';
import type { Asker } from '../resolver/short-forms.ts';
import { keepNames } from './kept.ts';
import { NameRows } from './rows.ts';
import { followNames } from './stream.ts';

export interface PushedNamesOptions {
  readonly place: Place;
  readonly node: Node;
  readonly asker: Asker;
  /** First search domain of the application. */
  readonly search?: string;
  /** File in which the table outlives this process. */
  readonly keptIn?: string;
  readonly say: (message: string) => void;
}

/** What the agent says of its names. */
export interface NamesStatus {
  /** There is a table. Stays true while the control plane is away. */
  readonly ready: boolean;
  readonly rows: number;
  readonly connected: boolean;
}

export interface PushedNames {
  readonly names: Names;
  readonly status: NamesStatus;
  close(): Promise<void>;
}

/** The names that a control plane pushes, by row, kept up to date (spec/istio.md 3.3). */
export async function pushedNames({ place, node, asker, search, keptIn, say }: PushedNamesOptions): Promise<PushedNames> {
  const table = new NameTable(asker, search);
  const rows = new NameRows(table);
  const kept = keptIn === undefined ? undefined : await keepNames(keptIn, asker, rows, say);
  const stream = followNames({ place, node, names: rows, say, onChange: () => kept?.changed() });
  return {
    names: table,
    get status() {
      return { ready: table.ready, rows: table.size, connected: stream.connected };
    },
    close: async () => {
      stream.close();
      await kept?.close();
    },
  };
}
