// The agent's DNS server with a small table and the upstream on the given port; told about by messages.
import { startResolver } from '../index.ts';
import { NameTable } from '../name-table.ts';
import type { FloodedServer } from './flood.ts';

const table = new NameTable({ namespace: 'shop', domain: 'shop.svc' }, 'shop.svc');
table.put('api.test', { registry: 'External', ips: ['192.0.2.1', '2001:db8::1'] });
table.put('*.w.test', { registry: 'External', ips: Array.from({ length: 300 }, (_, i) => `192.0.${i >> 8}.${i & 255}`) });
table.ready = true;
const resolver = await startResolver({
  listen: [{ address: '127.0.0.1', port: 0 }],
  names: table,
  upstream: { kind: 'servers', servers: [{ address: '127.0.0.1', port: Number(process.argv[2]) }] },
  timeoutMs: 50,
  cache: { entries: 1_000, bytes: 1024 * 1024 },
});
const [listening] = resolver.listening;
const port = listening !== undefined && 'port' in listening ? listening.port : 0;
const tell = (): void => void process.send?.({ port, rssMib: process.memoryUsage.rss() / 1024 / 1024 } satisfies FloodedServer);
process.on('message', tell);
process.on('disconnect', () => process.exit());
tell();
