import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { type Response, readResponse, requestBytes } from './messages.ts';

const SERVICE = '/envoy.service.discovery.v3.AggregatedDiscoveryService';
const identity = (bytes: Buffer): Buffer => bytes;

type Request = Parameters<typeof requestBytes>[0];

/** One ADS stream over a connection of its own, led by the test. */
export class TestClient {
  readonly call: ClientDuplexStream<Buffer, Buffer>;
  /** How the stream ended: `CODE details`. */
  readonly ended: Promise<string>;
  readonly #client: Client;
  readonly #arrived: Response[] = [];
  #wake: (() => void) | undefined;

  constructor(port: number, method = 'DeltaAggregatedResources') {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
    this.call = this.#client.makeBidiStreamRequest(`${SERVICE}/${method}`, identity, identity);
    this.call.on('data', (bytes: Buffer) => {
      this.#arrived.push(readResponse(bytes));
      this.#wake?.();
    });
    this.call.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.call.on('status', ({ code, details }: ServiceError) => resolve(`${code} ${details}`));
    });
  }

  send(request: Request): void {
    this.call.write(requestBytes(request));
  }

  /** The next response, however long it takes. */
  async next(): Promise<Response> {
    while (this.#arrived.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#arrived.shift() as Response;
  }

  /** What has arrived and was not asked for with {@link next}. */
  get unread(): number {
    return this.#arrived.length;
  }

  ack(response: Response): void {
    this.send({ typeUrl: response.url, responseNonce: response.nonce });
  }

  nack(response: Response, message: string): void {
    this.send({ typeUrl: response.url, responseNonce: response.nonce, errorDetail: { code: 13, message } });
  }

  close(): void {
    this.call.cancel();
    this.#client.close();
  }
}

/** `type +name=content -name`, for assertions. */
export const sentence = ({ type, resources, removed }: Response): string =>
  [type, ...resources.map((r) => `+${r.name}=${r.content}`), ...removed.map((name) => `-${name}`)].join(' ');
