import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentOptions, type RunningAgent, runAgent } from 'sallyport/agent/agent.ts';
import { discoveryResponse, forwardProxy, loopbackClusters } from './agent-resources.ts';

export interface ProxyAgent {
  readonly agent: RunningAgent;
  readonly proxyPort: number;
  readonly folder: string;
  close(): Promise<void>;
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An agent in mode proxy on ports of its own, with a stand-in for `api.example.test` on 80, and one on 443 that says `tunnel`. */
export async function startProxyAgent(standIn: RequestListener, options: Partial<AgentOptions> = {}): Promise<ProxyAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'proxy-'));
  const [proxyPort, metrics] = [await freePort(), await freePort()];
  const http = createServer(standIn).listen(0, '127.0.0.1');
  const tcp = createTcpServer((socket) => socket.end('tunnel')).listen(0, '127.0.0.1');
  await Promise.all([http, tcp].map((server) => server.listening || new Promise((resolve) => server.once('listening', resolve))));
  const ports = { 80: (http.address() as AddressInfo).port, 443: (tcp.address() as AddressInfo).port };
  await writeFile(join(folder, 'cds.json'), discoveryResponse(loopbackClusters(ports)));
  await writeFile(join(folder, 'lds.json'), discoveryResponse(forwardProxy(proxyPort)));
  const agent = await runAgent({
    identity: { name: 'laptop', namespace: 'default', ips: ['127.0.0.1'] },
    source: { kind: 'files', folder },
    mode: { kind: 'proxy', port: proxyPort },
    ports: { metrics, health: 0, resolver: 0 },
    upstream: { kind: 'nobody' },
    concurrency: 1,
    ...options,
  });
  return {
    agent,
    proxyPort,
    folder,
    close: async () => {
      await agent.stop();
      http.closeAllConnections();
      await Promise.all([http, tcp].map((server) => new Promise((resolve) => server.close(resolve))));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes the text to a port of loopback and gives what comes back until the end. */
export async function talk(port: number, text: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  socket.on('error', () => {});
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}
