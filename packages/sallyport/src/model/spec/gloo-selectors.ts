/** What Gloo's v2 kinds have in common (spec/gloo.md 2.1). */

/** Omitted namespace and cluster are those of the object that refers. */
export interface GlooReference {
  readonly name?: string;
  readonly namespace?: string;
  readonly cluster?: string;
}

/** All parts that are given must fit; omitted ones match everything the workspace of the selecting object has. */
export interface GlooSelector {
  readonly labels?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly namespace?: string;
  readonly cluster?: string;
  readonly workspace?: string;
}

export interface GlooPort {
  readonly number?: number;
  readonly name?: string;
}

export type DestinationKind = 'SERVICE' | 'VIRTUAL_DESTINATION' | 'EXTERNAL_SERVICE';

export interface DestinationReference {
  readonly ref?: GlooReference;
  readonly awsLambda?: unknown;
  readonly kind?: DestinationKind;
  readonly port?: GlooPort;
  readonly subset?: Readonly<Record<string, string>>;
  readonly weight?: number;
}

export interface DestinationSelector {
  readonly selector?: GlooSelector;
  readonly kind?: DestinationKind;
  readonly port?: GlooPort;
}

export interface RouteLabelSelector {
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly cluster?: string;
  readonly workspace?: string;
}

export interface RouteSelector {
  readonly route?: RouteLabelSelector;
  readonly withDestinations?: DestinationSelector;
}

export interface GlooWorkloadSelector {
  readonly selector?: GlooSelector;
  readonly kind?: 'KUBE' | 'VM';
  readonly port?: GlooPort;
}

export type { GlooStringMatch } from './traffic-policy-v1.ts';
