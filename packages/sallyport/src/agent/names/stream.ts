import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials, type StatusObject } from '@grpc/grpc-js';
import type { Node } from '@sallyport/apis/core';
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '@sallyport/apis/discovery';
import { ipFamily } from '../../lib/ip.ts';
import type { Place } from '../bootstrap/clusters.ts';
import { backOff } from '../proxy/back-off.ts';
import type { Request } from './rows.ts';

const METHOD = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
/** A peer that is gone without a word is noticed within 40 s, as Envoy's own stream does. */
const CHANNEL = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
  // Our own waiting between attempts is the only one.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};
/** A stream that lived so long was no failure. */
const LIVED_MS = 5_000;

/** What is subscribed to, over however many streams. */
export interface Subscription {
  /** The first request of a stream. */
  begin(node: Node): Request;
  /** Takes a response over and gives the answer to it. */
  take(response: DeltaDiscoveryResponse): { readonly changed: boolean; readonly answer: Request };
}

export interface NameStreamOptions {
  readonly place: Place;
  readonly node: Node;
  readonly names: Subscription;
  /** Something of the table is different now. */
  readonly onChange: () => void;
  readonly say: (message: string) => void;
}

export interface NameStream {
  /** A stream is open, and has brought something. */
  readonly connected: boolean;
  close(): void;
}

/** Follows the names of a control plane until closed: while it is away the table stays, and only what differs is sent afterwards. */
export function followNames({ place, node, names, onChange, say }: NameStreamOptions): NameStream {
  const client = new Client(targetOf(place), credentials.createInsecure(), CHANNEL);
  let call: ClientDuplexStream<Request, DeltaDiscoveryResponse> | undefined;
  let [closed, connected, failures] = [false, false, 0];
  let timer: NodeJS.Timeout | undefined;

  function open(): void {
    const openedAt = performance.now();
    const mine = client.makeBidiStreamRequest<Request, DeltaDiscoveryResponse>(
      METHOD,
      (request) => Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, request))),
      (bytes) => fromBinary(DeltaDiscoveryResponseSchema, bytes),
    );
    call = mine;
    mine.on('data', (response: DeltaDiscoveryResponse) => {
      connected = true;
      const { changed, answer } = names.take(response);
      mine.write(answer);
      if (answer.errorDetail !== undefined) say(`names that cannot be read were refused: ${answer.errorDetail.message}`);
      if (changed) onChange();
    });
    // What went wrong comes as the status too.
    mine.on('error', () => {});
    mine.on('status', ({ details }: StatusObject) => {
      if (connected && !closed) say(`the stream of names ended: ${details}; the table stays as it is`);
      connected = false;
      call = undefined;
      failures = performance.now() - openedAt > LIVED_MS ? 1 : failures + 1;
      if (!closed) timer = setTimeout(open, backOff(failures, Math.random()));
    });
    mine.write(names.begin(node));
  }

  open();
  return {
    get connected() {
      return connected;
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      call?.cancel();
      client.close();
    },
  };
}

function targetOf(place: Place): string {
  if (place.kind === 'unix') return `unix:${place.path}`;
  return ipFamily(place.address) === 6 ? `ipv6:[${place.address}]:${place.port}` : `ipv4:${place.address}:${place.port}`;
}
