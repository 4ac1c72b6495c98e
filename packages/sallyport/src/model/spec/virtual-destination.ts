import type { GlooPort, GlooSelector } from './gloo-selectors.ts';

/** networking.gloo.solo.io/v2 VirtualDestination (spec/gloo.md 2.8). */
export interface VirtualDestinationSpec {
  readonly hosts?: readonly string[];
  readonly services?: readonly GlooSelector[];
  readonly externalServices?: readonly GlooSelector[];
  readonly externalWorkloads?: readonly GlooSelector[];
  readonly ports?: readonly {
    readonly number: number;
    readonly protocol?: string;
    readonly targetPort?: GlooPort;
  }[];
  readonly clientMode?: Readonly<Record<string, unknown>>;
}
