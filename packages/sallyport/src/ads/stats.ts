/** Plain counters since start; `streams` is the present number. */
export interface Stats {
  streams: number;
  streamsOpened: number;
  requests: number;
  /** Responses sent, their bytes without framing, and the resources put and removed in them. */
  pushes: number;
  bytes: number;
  resources: number;
  removals: number;
  acks: number;
  /** Rejected responses, and versions found to be the culprits. */
  nacks: number;
  refused: number;
  /** Streams closed because of what the proxy did, or because of a defect of ours. */
  streamsRefused: number;
  failures: number;
}

export const newStats = (): Stats => ({
  streams: 0,
  streamsOpened: 0,
  requests: 0,
  pushes: 0,
  bytes: 0,
  resources: 0,
  removals: 0,
  acks: 0,
  nacks: 0,
  refused: 0,
  streamsRefused: 0,
  failures: 0,
});
