import { Buffer } from 'node:buffer';
import { createGraph, type Graph, type Input, type Transaction } from '../../collection/index.ts';
import { contentHash } from '../../lib/hash.ts';
import { linkKey, type ProxyClass, type Resource, type ResourceLink, type ResourceType } from '../../model/index.ts';
import type { AdsInputs } from '../outside.ts';
import type { ResourceTable } from '../view.ts';

const TYPES: readonly ResourceType[] = ['cluster', 'endpoints', 'listener', 'route', 'secret', 'nameTable', 'nameRow'];

interface Inputs {
  readonly links: Input<ResourceLink>;
  readonly resources: Input<Resource>;
}

/** Tables as the pipeline makes them, but written by hand. The content of a resource is a text; its version is the text's hash. */
export class TestMesh implements AdsInputs {
  readonly graph: Graph = createGraph();
  readonly classOf: Input<ProxyClass>;
  readonly tables: readonly ResourceTable[];
  readonly #inputs: ReadonlyMap<ResourceType, Inputs>;

  constructor() {
    this.classOf = this.graph.input<ProxyClass>('classOf', (a, b) => a.id === b.id);
    this.#inputs = new Map(
      TYPES.map((type) => [
        type,
        {
          links: this.graph.input<ResourceLink>(`${type} links`, (a, b) => a.target === b.target),
          resources: this.graph.input<Resource>(`${type}s`, (a, b) => a.version === b.version),
        },
      ]),
    );
    this.tables = [...this.#inputs].map(([type, inputs]) => ({ type, ...inputs }));
  }

  commit(write: (edit: Edit) => void): void {
    this.graph.commit((tx) => write(new Edit(tx, this.#inputs, this.classOf)));
  }

  put(classId: string, type: ResourceType, name: string, content: string): void {
    this.commit((edit) => edit.put(classId, type, name, content));
  }

  remove(classId: string, type: ResourceType, name: string): void {
    this.commit((edit) => edit.unlink(classId, type, name));
  }
}

export class Edit {
  readonly #tx: Transaction;
  readonly #inputs: ReadonlyMap<ResourceType, Inputs>;
  readonly #classOf: Input<ProxyClass>;

  constructor(tx: Transaction, inputs: ReadonlyMap<ResourceType, Inputs>, classOf: Input<ProxyClass>) {
    this.#tx = tx;
    this.#inputs = inputs;
    this.#classOf = classOf;
  }

  /** A resource of one class alone. */
  put(classId: string, type: ResourceType, name: string, content: string): void {
    this.content(type, name, content, `${name}@${classId}`);
    this.link(classId, type, name, `${name}@${classId}`);
  }

  /** A resource under a row key that any number of classes may be linked to. */
  content(type: ResourceType, name: string, content: string | undefined, target: string): void {
    const row = content === undefined ? undefined : resource(type, name, content);
    this.#tx.set(this.#of(type).resources, target, row);
  }

  link(classId: string, type: ResourceType, name: string, target: string): void {
    this.#tx.set(this.#of(type).links, linkKey({ class: classId, type, name }), { class: classId, type, name, target });
  }

  unlink(classId: string, type: ResourceType, name: string): void {
    this.#tx.set(this.#of(type).links, linkKey({ class: classId, type, name }), undefined);
  }

  proxy(nodeId: string, classId: string | undefined): void {
    this.#tx.set(this.#classOf, nodeId, classId === undefined ? undefined : proxyClass(classId));
  }

  #of(type: ResourceType): Inputs {
    const inputs = this.#inputs.get(type);
    if (inputs === undefined) throw new Error(`no table for ${type}`);
    return inputs;
  }
}

const resource = (type: ResourceType, name: string, content: string): Resource => ({
  type,
  name,
  version: contentHash(content),
  bytes: Buffer.from(content),
});

/** A class of which only the id matters here. */
function proxyClass(id: string): ProxyClass {
  return {
    id,
    role: 'sidecar',
    namespace: '',
    labels: {},
    dnsDomain: '',
    ips: [],
    serves: [],
    traits: {
      interception: 'NONE',
      dnsCapture: false,
      dnsAutoAllocate: false,
      unprivileged: false,
      httpProxyPort: 0,
      statusPort: 0,
      prometheusPort: 0,
      idleTimeout: '',
      canonicalService: '',
      canonicalRevision: '',
      meshId: '',
    },
    facet: {
      role: 'sidecar',
      ipFamilies: 'v4',
      locality: { region: '', zone: '', subZone: '' },
      network: '',
      clusterId: '',
      failoverLabels: {},
    },
    facetKey: '',
  };
}
