import { BlockList, createServer, isIP, type ListenOptions, type Server as NetServer, type Socket } from 'node:net';
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { Exchange } from './exchange.ts';
import type { AdsCallbacks, AdsInputs } from './outside.ts';
import { type DeltaResponse, reusingEncoder } from './response.ts';
import type { CloseCode } from './roster.ts';
import type { Stats } from './stats.ts';
import type { StreamStatus } from './status.ts';

const SERVICE = '/envoy.service.discovery.v3.AggregatedDiscoveryService';
const SOTW = 'state-of-the-world ADS is not served here; set api_type DELTA_GRPC in ads_config';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const STATUS: Readonly<Record<CloseCode, status>> = {
  'invalid-argument': status.INVALID_ARGUMENT,
  'resource-exhausted': status.RESOURCE_EXHAUSTED,
  internal: status.INTERNAL,
  unavailable: status.UNAVAILABLE,
};

/** Limits against peers that are dead, or hostile (spec/security.md 2.2). */
const LIMITS = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.max_concurrent_streams': 16,
  /** A reconnecting proxy lists 100,000 versions in about 10 MB. */
  'grpc.max_receive_message_length': 32 * 1024 * 1024,
  'grpc.max_send_message_length': -1,
  /** Megabytes; what waits to be sent counts. */
  'grpc-node.max_session_memory': 256,
  'grpc.enable_channelz': 0,
};
/** Streams one connection may open within a second: Envoy opens one and keeps it. */
const STREAMS_PER_SECOND = 100;
const MAX_CONNECTIONS = 10_000;
/** Messages handed to the transport and not written yet. */
const IN_TRANSPORT = 2;

type Call = ServerDuplexStream<Buffer, DeltaResponse>;

interface Connection {
  readonly socket: Socket;
  second: number;
  streams: number;
}

const identity = (bytes: Buffer): Buffer => bytes;

export interface AdsServerOptions {
  /** Default: 30 seconds. */
  readonly lingerMs?: number;
  /** Default: 5 seconds. */
  readonly patienceMs?: number;
}

/** The gRPC edge of the delta ADS server. */
export interface AdsServer {
  readonly stats: Readonly<Stats>;
  /** Starts to listen and gives the port. The traffic is not encrypted, so only loopback addresses are accepted. */
  listen(port: number, host?: string): Promise<number>;
  /** Listens on a Unix socket as well, which proxies in other network namespaces can reach. Its folder's rights say who may. */
  listenUnix(path: string): Promise<void>;
  status(): StreamStatus[];
  quarantine(): ReturnType<Exchange['quarantine']>;
  /** Takes no new streams, lets the present ones finish what they are being sent for up to `graceMs`, then ends them. */
  close(graceMs: number): Promise<void>;
}

export function createAdsServer(inputs: AdsInputs, callbacks: AdsCallbacks, options: AdsServerOptions = {}): AdsServer {
  const exchange = new Exchange(inputs, callbacks, {
    lingerMs: options.lingerMs ?? 30_000,
    patienceMs: options.patienceMs ?? 5_000,
    now: Date.now,
    defer: setImmediate,
  });
  const connections = new Map<string, Connection>();
  const nets: NetServer[] = [];
  const grpc = new Server(LIMITS);
  const converse = (call: Call): void => {
    const connection = connections.get(call.getPeer());
    if (connection !== undefined && tooFast(connection)) {
      connection.socket.destroy();
      return;
    }
    serve(call, exchange);
  };
  // The transport copies what it is given at once, so one encoder serves all streams.
  const encode = reusingEncoder();
  grpc.register(`${SERVICE}/DeltaAggregatedResources`, converse, encode, identity, 'bidi');
  grpc.register(`${SERVICE}/StreamAggregatedResources`, refuseSotw, encode, identity, 'bidi');
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const timers = [setInterval(() => exchange.tick(), 1_000), setInterval(() => exchange.age(), 30_000)];
  for (const timer of timers) timer.unref();
  const listenOn = async (where: ListenOptions): Promise<NetServer> => {
    const net = createServer({ noDelay: true }, (socket) => {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      connections.set(peer, { socket, second: 0, streams: 0 });
      socket.on('error', () => {});
      socket.on('close', () => connections.delete(peer));
      injector.injectConnection(socket);
    });
    net.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      net.once('error', reject);
      net.listen({ ...where, backlog: 4096 }, resolve);
    });
    nets.push(net);
    return net;
  };
  return {
    stats: exchange.stats,
    status: () => exchange.status(),
    quarantine: () => exchange.quarantine(),
    listen: async (port, host = '127.0.0.1') => {
      if (!LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')) {
        throw new Error(`${host} is no loopback address: this port is not encrypted and asks nobody who they are`);
      }
      const address = (await listenOn({ port, host })).address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    listenUnix: async (path) => {
      await listenOn({ path });
    },
    close: async (graceMs) => {
      for (const net of nets) net.close();
      const end = Date.now() + graceMs;
      while (!exchange.settled && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const timer of timers) clearInterval(timer);
      exchange.close('the control plane shuts down');
      await new Promise<void>((resolve) => {
        const force = setTimeout(() => {
          grpc.forceShutdown();
          resolve();
        }, 500);
        grpc.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
}

function tooFast(connection: Connection): boolean {
  const second = Math.floor(Date.now() / 1000);
  if (connection.second !== second) {
    connection.second = second;
    connection.streams = 0;
  }
  connection.streams += 1;
  return connection.streams > STREAMS_PER_SECOND;
}

function refuseSotw(call: Call): void {
  call.emit('error', { code: status.UNIMPLEMENTED, details: SOTW });
}

function serve(call: Call, exchange: Exchange): void {
  let waiting = false;
  const conversation = exchange.connect({
    send(message) {
      call.write(message, () => {
        if (!waiting || call.writableLength >= IN_TRANSPORT) return;
        waiting = false;
        conversation.drained();
      });
      waiting = call.writableLength >= IN_TRANSPORT;
      return !waiting;
    },
    close(code, details) {
      call.emit('error', { code: STATUS[code], details });
    },
  });
  call.on('data', (message: Buffer) => conversation.request(message));
  call.on('end', () => {
    conversation.closed();
    call.end();
  });
  call.on('cancelled', () => conversation.closed());
  call.on('error', () => conversation.closed());
  call.on('close', () => conversation.closed());
}
