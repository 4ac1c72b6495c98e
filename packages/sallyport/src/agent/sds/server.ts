import { chmod, chown, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  type DiscoveryRequest,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
  typeUrl,
} from '@sallyport/apis/discovery';
import { SallyportError } from '../../lib/error.ts';
import type { Held, SecretTable } from './secret-table.ts';
import { type Conversation, deltaSecrets, streamSecrets, worldOf } from './stream.ts';

const SERVICE = '/envoy.service.secret.v3.SecretDiscoveryService';
/** Requests hold a node and a few names. */
const LIMITS = { 'grpc.max_receive_message_length': 256 * 1024, 'grpc.enable_channelz': 0 };
/** How long a single fetch waits for a secret that is still being read. */
const FETCH_MS = 1_000;

export interface SecretServerOptions {
  readonly path: string;
  readonly table: SecretTable;
  /** User that Envoy runs as, if it is not ours. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly say: (message: string) => void;
}

/** Envoy's secret discovery service on a Unix socket that its owner alone can open. */
export async function listenForSecrets({ path, table, owner, say }: SecretServerOptions): Promise<{ close(): Promise<void> }> {
  const server = new Server(LIMITS);
  server.register(
    `${SERVICE}/StreamSecrets`,
    (call: ServerDuplexStream<DiscoveryRequest, DiscoveryResponse>) =>
      converse(
        call,
        streamSecrets(table, (response) => call.write(response), say),
      ),
    ...codec(DiscoveryResponseSchema, DiscoveryRequestSchema),
    'bidi',
  );
  server.register(
    `${SERVICE}/DeltaSecrets`,
    (
      call: ServerDuplexStream<
        MessageShape<typeof DeltaDiscoveryRequestSchema>,
        MessageShape<typeof DeltaDiscoveryResponseSchema>
      >,
    ) =>
      converse(
        call,
        deltaSecrets(table, (response) => call.write(response), say),
      ),
    ...codec(DeltaDiscoveryResponseSchema, DeltaDiscoveryRequestSchema),
    'bidi',
  );
  server.register(
    `${SERVICE}/FetchSecrets`,
    (call: ServerUnaryCall<DiscoveryRequest, DiscoveryResponse>, reply: sendUnaryData<DiscoveryResponse>) =>
      void fetchSecrets(table, call.request.resourceNames).then((held) => reply(null, worldOf(held, ''))),
    ...codec(DiscoveryResponseSchema, DiscoveryRequestSchema),
    'unary',
  );
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const net = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    net.once('error', (cause) =>
      reject(new SallyportError('FILE', `secrets cannot be served at ${path}: ${cause.message}`, { cause })),
    );
    net.listen(path, resolve);
  });
  await chmod(path, 0o600);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  return {
    close: async () => {
      const closed = new Promise((resolve) => net.close(resolve));
      server.forceShutdown();
      // Destroying its sessions leaves open the sockets whose other end does not close them.
      for (const socket of sockets) socket.destroy();
      await closed;
      await rm(path, { force: true });
    },
  };
}

function codec<Out extends DescMessage, In extends DescMessage>(out: Out, into: In) {
  const serialize = (message: MessageShape<Out>): Buffer => Buffer.from(toBinary(out, message));
  const deserialize = (bytes: Buffer): MessageShape<In> => fromBinary(into, bytes);
  return [serialize, deserialize] as const;
}

function converse<Request extends { readonly typeUrl: string }, Response>(
  call: ServerDuplexStream<Request, Response>,
  conversation: Conversation<Request>,
): void {
  call.on('data', (request: Request) => {
    if (request.typeUrl === '' || request.typeUrl === typeUrl.secret) conversation.receive(request);
    else call.emit('error', { code: status.INVALID_ARGUMENT, details: `only secrets are served here, not ${request.typeUrl}` });
  });
  call.on('end', () => {
    conversation.close();
    call.end();
  });
  for (const end of ['cancelled', 'error', 'close']) call.on(end, () => conversation.close());
}

async function fetchSecrets(table: SecretTable, names: readonly string[]): Promise<readonly Held[]> {
  const ends: (() => void)[] = [];
  const found = names.map((name) => new Promise<Held>((resolve) => ends.push(table.follow(name, resolve))));
  const late = new AbortController();
  const patience = sleep(FETCH_MS, undefined, { signal: late.signal }).catch(() => undefined);
  const held = await Promise.all(found.map((one) => Promise.race([one, patience])));
  late.abort();
  for (const end of ends) end();
  return held.filter((one) => one !== undefined);
}
