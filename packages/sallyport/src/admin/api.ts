import type { AddressType, Issue, ObjectKey, ResourceType, ZoneAnswer } from '../model/index.ts';
import type { NameRow, RestingName } from '../pipeline/names.ts';

export type { NameOwner, NameRow, RestingName } from '../pipeline/names.ts';

/** What the control plane tells over its admin socket. These shapes are the API: commands and console import types from here only. */
export interface StatusReply {
  readonly version: string;
  readonly pid: number;
  /** The directory that is the configuration, or absent when it comes from elsewhere. */
  readonly directory?: string;
  readonly xds: readonly string[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly commit: number;
  readonly objects: number;
  readonly proxies: number;
  readonly issues: { readonly error: number; readonly warning: number; readonly info: number };
}

export interface ProxyStatus {
  readonly node: string;
  readonly class: string;
  readonly connectedAt: number;
  readonly types: readonly TypeStatus[];
  /** What this proxy refused, or would refuse, with the objects that cause it. */
  readonly refused: readonly RefusedResource[];
}

export interface TypeStatus {
  readonly type: ResourceType;
  readonly subscribed: number | '*';
  readonly acked: number;
  readonly pending: number;
  readonly state: 'synced' | 'sending' | 'stale' | 'refused' | 'unused';
}

export interface RefusedResource {
  readonly type: ResourceType;
  readonly name: string;
  readonly detail: string;
  readonly issues: readonly Issue[];
}

/** A name that the control plane looks up for proxies. */
export interface LookupStatus {
  readonly name: string;
  readonly type: AddressType;
  /** What the last server that answered said; absent while none has. */
  readonly addresses?: readonly string[];
  /** Those that the guard of some service refuses, of the same answer. */
  readonly refused: readonly string[];
  readonly server?: string;
  /** Milliseconds since the epoch. */
  readonly heardAt?: number;
  readonly nextAt: number;
  /** As the server gave it. */
  readonly ttlSeconds?: number;
  /** Failures since the last answer, and what the last one was: the addresses stay in use. */
  readonly failures: number;
  readonly error?: string;
  /** Zones whose resolvers say otherwise. */
  readonly elsewhere: readonly ZoneAnswer[];
  /** Hosts of the services that need it. */
  readonly hosts: readonly string[];
}

export interface IssuesReply {
  readonly issues: readonly Issue[];
}

export interface NamesReply {
  readonly names: readonly NameRow[];
  /** Of the hosts asked for. */
  readonly resting: readonly RestingName[];
}

export interface ApplyRequest {
  readonly namespace: string;
  /** YAML as the user wrote it, one or more documents. */
  readonly text: string;
  /** What the user calls the input: a path or `-`. */
  readonly name: string;
}

export interface AppliedObject {
  readonly key: ObjectKey;
  readonly action: 'created' | 'configured' | 'unchanged' | 'deleted' | 'not found';
  /** File that holds it, relative to the configuration directory. */
  readonly file?: string;
}

export interface ApplyReply {
  readonly objects: readonly AppliedObject[];
  /** Findings on what was applied, from single documents and across objects. */
  readonly issues: readonly Issue[];
}

/** A request for a certificate. Who can open the socket may ask for any identity of the trust domain (docs/decisions/0010-local-identity.md). */
export interface SignRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** PKCS #10, PEM. */
  readonly csr: string;
}

export interface SignReply {
  /** PEM, the leaf first. */
  readonly chain: string;
  readonly roots: string;
}

export interface ErrorReply {
  readonly code: string;
  readonly message: string;
}
