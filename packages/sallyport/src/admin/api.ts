import type { Issue, ObjectKey, ResourceType } from '../model/index.ts';

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

export interface IssuesReply {
  readonly issues: readonly Issue[];
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
