import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { Node } from '@sallyport/apis/core';
import { type DeltaDiscoveryRequestSchema, type DeltaDiscoveryResponse, StatusSchema, typeUrl } from '@sallyport/apis/discovery';
import { NameInfoSchema } from '@sallyport/apis/nds';
import type { NameRow, NameTable } from '../resolver/name-table.ts';
import type { Subscription } from './stream.ts';

export type Request = MessageInitShape<typeof DeltaDiscoveryRequestSchema>;

/**
 * A name that no table has. It is asked for beside everything, and the control plane says that there is none after all that there is: so it
 * is known when a table of several responses is whole ("Knowing When a Requested Resource Does Not Exist" of the xDS protocol).
 */
export const WHOLE_TABLE = '.';

const INVALID_ARGUMENT = 3;

/** One row with the version that the control plane gave it. */
export interface VersionedRow {
  readonly version: string;
  readonly row: NameRow;
}

/** The subscription to a table of names: responses in, the table kept, answers out. Outlives the streams that carry it. */
export class NameRows implements Subscription {
  readonly #table: NameTable;
  readonly #versions = new Map<string, string>();

  constructor(table: NameTable) {
    this.#table = table;
  }

  /** Everything that is held, for who keeps it. */
  *held(): Generator<readonly [string, VersionedRow]> {
    for (const [host, row] of this.#table.rows()) yield [host, { version: this.#versions.get(host) ?? '', row }];
  }

  /** Takes over what an earlier agent of the workload was told. It counts until something newer is. */
  restore(rows: Iterable<readonly [string, VersionedRow]>): void {
    for (const [host, { version, row }] of rows) {
      this.#table.put(host, row);
      this.#versions.set(host, version);
    }
    this.#table.ready = true;
  }

  /** The first request of a stream: everything, except what is here already. */
  begin(node: Node): Request {
    return {
      node,
      typeUrl: typeUrl.nameRow,
      resourceNamesSubscribe: ['*', WHOLE_TABLE],
      initialResourceVersions: Object.fromEntries(this.#versions),
    };
  }

  /** Takes a response over, and gives the answer to it: all of it is good, or nothing is taken. */
  take({ resources, removedResources, nonce }: DeltaDiscoveryResponse): { readonly changed: boolean; readonly answer: Request } {
    const answer: Request = { typeUrl: typeUrl.nameRow, responseNonce: nonce };
    const rows: [string, VersionedRow][] = [];
    for (const { name, version, resource } of resources) {
      try {
        const { ips, registry, shortname, namespace, altHosts } = fromBinary(NameInfoSchema, resource?.value ?? new Uint8Array());
        rows.push([name, { version, row: { ips, registry, shortname, namespace, altHosts } }]);
      } catch (error) {
        const message = `${name}: ${(error as Error).message}`;
        return { changed: false, answer: { ...answer, errorDetail: create(StatusSchema, { code: INVALID_ARGUMENT, message }) } };
      }
    }
    for (const [host, { version, row }] of rows) {
      this.#table.put(host, row);
      this.#versions.set(host, version);
    }
    for (const host of removedResources) {
      if (host === WHOLE_TABLE) this.#table.ready = true;
      this.#table.delete(host);
      this.#versions.delete(host);
    }
    return { changed: rows.length > 0 || removedResources.some((host) => host !== WHOLE_TABLE), answer };
  }
}
