/** A duration as protojson writes it (`1.5s`) or as Kubernetes users do (`1m30s`, `100ms`). */
export type DurationText = string;

export interface WorkloadSelector {
  readonly labels?: Readonly<Record<string, string>>;
}

export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

export interface Percent {
  readonly value?: number;
}
