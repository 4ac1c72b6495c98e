import { selects } from '../../lib/host.ts';
import type { ConfigObject, DestinationKind, GlooPort, GlooSelector } from '../../model/index.ts';
import type { ExternalDestination } from './external-service.ts';

/** A port that calls to a destination can be made to. */
export interface DestinationPort {
  readonly number: number;
  /** Empty for a Kubernetes Service whose only port has no name. */
  readonly name: string;
}

/**
 * Something that routes can lead to and policies can be for, as one workspace sees it: an ExternalService, a VirtualDestination or a
 * Kubernetes Service. Its hosts can be called in the namespaces of `viewer`.
 */
export interface Destination {
  readonly kind: DestinationKind;
  readonly object: ConfigObject;
  /** The workspace that it belongs to. */
  readonly owner: string;
  /** The workspace that sees it: the owner, or one that has imported it. */
  readonly viewer: string;
  /** Never empty; routes lead to the first (spec/gloo.md 5, U9). */
  readonly hosts: readonly string[];
  readonly ports: readonly DestinationPort[];
  /** Where its objects are without a Workspace, if not beside the Gloo object. */
  readonly at?: string;
  /** Of an ExternalService. */
  readonly external?: ExternalDestination;
  /** Of a VirtualDestination: TLS that the services behind it have originated. */
  readonly originated?: readonly { readonly port: number; readonly tls: OriginatedTls }[];
}

/** TLS settings of a port of an ExternalService, as of one of its hosts. */
export interface OriginatedTls {
  readonly external: ExternalDestination;
  readonly port: number;
  readonly host: string;
}

/** Row key of a destination: what a reference of an object in `viewer`'s namespaces comes to. */
export function destinationKey(viewer: string, kind: DestinationKind, namespace: string, name: string): string {
  return `${viewer}\n${kind}/${namespace}/${name}`;
}

export function isSelected(
  { object: { key, labels }, owner }: Pick<Destination, 'object' | 'owner'>,
  selector: GlooSelector | undefined,
  cluster: string,
): boolean {
  const { name = '', namespace = '', cluster: place = '', workspace = '', labels: wanted = {} } = selector ?? {};
  return (
    selects(wanted, labels) &&
    (name === '' || name === key.name) &&
    (namespace === '' || namespace === key.namespace) &&
    (place === '' || place === cluster) &&
    (workspace === '' || workspace === owner)
  );
}

const EVERYWHERE = '*';

/** The place of an index at which all destinations are found that a selector can mean, and maybe more. */
export function selectorPlace({ name = '', labels = {} }: GlooSelector = {}): string {
  const [label] = Object.entries(labels).sort();
  if (name !== '') return `name ${name}`;
  return label === undefined ? EVERYWHERE : `label ${label.join('=')}`;
}

/** The places at which a destination is found. */
export function destinationPlaces({ object: { key, labels } }: Pick<Destination, 'object'>): readonly string[] {
  return [EVERYWHERE, `name ${key.name}`, ...Object.entries(labels).map((label) => `label ${label.join('=')}`)];
}

/** The ports that a selector means: by number or name, all of them if it says neither. */
export function selectedPorts<P extends DestinationPort>(ports: readonly P[], selector: GlooPort | undefined): readonly P[] {
  if (selector?.number !== undefined) return ports.filter(({ number }) => number === selector.number);
  if (selector?.name !== undefined) return ports.filter(({ name }) => name === selector.name);
  return ports;
}
