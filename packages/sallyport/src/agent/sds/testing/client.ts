import { create, type DescMessage, fromBinary, type MessageInitShape, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { credentials, Client as GrpcClient } from '@grpc/grpc-js';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
  typeUrl,
} from '@sallyport/apis/discovery';
import { SecretSchema } from '@sallyport/apis/tls';

export interface Got {
  readonly chain?: string;
  readonly key?: string;
  readonly roots?: string;
}
type Answer = Readonly<Record<string, Got>>;

export interface Stream {
  /** The next answer, by name of the secret. Fails after five seconds. */
  next(): Promise<Answer>;
  ack(): void;
  nack(message: string): void;
  unsubscribe(names: readonly string[]): void;
  /** Answers that came and were not asked for with `next`. */
  readonly waiting: number;
}

export interface Client {
  stream(names: readonly string[]): Stream;
  delta(names: readonly string[]): Stream;
  fetch(names: readonly string[]): Promise<Answer>;
  close(): void;
}

const SERVICE = '/envoy.service.secret.v3.SecretDiscoveryService';

/** Speaks to a secret server as Envoy does. */
export function secretClient(path: string): Client {
  const grpc = new GrpcClient(`unix:${path}`, credentials.createInsecure());
  const bidi = <In extends DescMessage, Out extends DescMessage>(
    method: string,
    into: In,
    out: Out,
    read: (message: MessageShape<Out>) => Answer,
    requests: (last: MessageShape<Out> | undefined) => {
      first: MessageInitShape<In>;
      ack: MessageInitShape<In>;
      nack(message: string): MessageInitShape<In>;
      unsubscribe(names: readonly string[]): MessageInitShape<In>;
    },
  ): Stream => {
    const call = grpc.makeBidiStreamRequest(
      `${SERVICE}/${method}`,
      (message: MessageShape<In>) => Buffer.from(toBinary(into, message)),
      (bytes: Buffer) => fromBinary(out, bytes),
    );
    const arrived: MessageShape<Out>[] = [];
    let last: MessageShape<Out> | undefined;
    let wake = (): void => {};
    call.on('data', (message: MessageShape<Out>) => {
      arrived.push(message);
      wake();
    });
    call.on('error', () => {});
    const say = (message: MessageInitShape<In>): void => void call.write(create(into, message));
    say(requests(undefined).first);
    return {
      next: async () => {
        const until = performance.now() + 5_000;
        while (arrived.length === 0) {
          if (performance.now() > until) throw new Error('no answer came');
          await new Promise<void>((resolve) => {
            wake = resolve;
            setTimeout(resolve, 100);
          });
        }
        last = arrived.shift() as MessageShape<Out>;
        return read(last);
      },
      ack: () => say(requests(last).ack),
      nack: (message) => say(requests(last).nack(message)),
      unsubscribe: (names) => say(requests(last).unsubscribe(names)),
      get waiting() {
        return arrived.length;
      },
    };
  };
  const world = (message: MessageShape<typeof DiscoveryResponseSchema>): Answer =>
    Object.fromEntries(message.resources.map(({ value }) => secretIn(value)));
  return {
    stream: (names) =>
      bidi('StreamSecrets', DiscoveryRequestSchema, DiscoveryResponseSchema, world, (last) => {
        const base = { typeUrl: typeUrl.secret, resourceNames: [...names] };
        const ack = { ...base, versionInfo: last?.versionInfo ?? '', responseNonce: last?.nonce ?? '' };
        return {
          first: base,
          ack,
          nack: (message) => ({ ...ack, versionInfo: '', errorDetail: { code: 13, message } }),
          unsubscribe: () => ({ ...ack, resourceNames: [] }),
        };
      }),
    delta: (names) =>
      bidi(
        'DeltaSecrets',
        DeltaDiscoveryRequestSchema,
        DeltaDiscoveryResponseSchema,
        ({ resources }) => Object.fromEntries(resources.map(({ resource }) => secretIn(resource?.value ?? new Uint8Array()))),
        (last) => {
          const ack = { typeUrl: typeUrl.secret, responseNonce: last?.nonce ?? '' };
          return {
            first: { typeUrl: typeUrl.secret, resourceNamesSubscribe: [...names] },
            ack,
            nack: (message) => ({ ...ack, errorDetail: { code: 13, message } }),
            unsubscribe: (gone) => ({ typeUrl: typeUrl.secret, resourceNamesUnsubscribe: [...gone] }),
          };
        },
      ),
    fetch: (names) =>
      new Promise((resolve, reject) => {
        grpc.makeUnaryRequest(
          `${SERVICE}/FetchSecrets`,
          (message: MessageShape<typeof DiscoveryRequestSchema>) => Buffer.from(toBinary(DiscoveryRequestSchema, message)),
          (bytes: Buffer) => fromBinary(DiscoveryResponseSchema, bytes),
          create(DiscoveryRequestSchema, { typeUrl: typeUrl.secret, resourceNames: [...names] }),
          (error, reply) => (error === null && reply !== undefined ? resolve(world(reply)) : reject(error)),
        );
      }),
    close: () => grpc.close(),
  };
}

function secretIn(bytes: Uint8Array): [string, Got] {
  const { name, type } = fromBinary(SecretSchema, bytes);
  const text = (source: { specifier: { case?: string | undefined; value?: unknown } } | undefined): string =>
    source?.specifier.case === 'inlineBytes' ? Buffer.from(source.specifier.value as Uint8Array).toString() : '';
  if (type.case === 'validationContext') return [name, { roots: text(type.value.trustedCa) }];
  if (type.case === 'tlsCertificate')
    return [name, { chain: text(type.value.certificateChain), key: text(type.value.privateKey) }];
  return [name, {}];
}
