// The agent's DNS server with a table of so many names, and an upstream of its own; told about by messages.
import { createSocket } from 'node:dgram';
import { startResolver } from 'sallyport/agent/resolver/index.ts';
import { NameTable } from 'sallyport/agent/resolver/name-table.ts';
import type { DnsServerAnswer } from './dns-messages.ts';

const names = Number(process.argv[2]);
const table = new NameTable({ namespace: 'shop', domain: 'shop.svc.cluster.local' }, 'shop.svc.cluster.local');
const External = (...ips: string[]) => ({ registry: 'External', ips });
for (let i = 0; i < names; i += 1) {
  const last = `${(i >> 8) & 255}.${i & 255}`;
  table.put(`h${i}.ext.example.com`, External(`240.240.${last}`, `2001:2::${i.toString(16)}`));
}
for (let i = 0; i < 100; i += 1) table.put(`four${i}.example.com`, External(`10.0.0.${i}`));
table.put('*.w.example.com', External('10.1.0.1'));
table.ready = true;

// Answers every question with one address that may be kept for a minute: the query, its flags changed, and a record behind it.
const upstream = createSocket('udp4');
const RECORD = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
upstream.on('message', (query, from) => {
  const answer = Buffer.concat([query, RECORD]);
  answer.writeUInt16BE(0x8180, 2);
  answer.writeUInt16BE(1, 6);
  upstream.send(answer, from.port, from.address);
});
await new Promise<void>((resolve) => upstream.bind(0, '127.0.0.1', resolve));

const resolver = await startResolver({
  listen: [{ address: '127.0.0.1', port: 0 }],
  names: table,
  upstream: { kind: 'servers', servers: [{ address: '127.0.0.1', port: upstream.address().port }] },
});
const [listening] = resolver.listening;
const port = listening !== undefined && 'port' in listening ? listening.port : 0;
function tell(): void {
  const { user, system } = process.cpuUsage();
  process.send?.({ port, cpuSeconds: (user + system) / 1e6 } satisfies DnsServerAnswer);
}
process.on('message', tell);
process.on('disconnect', () => process.exit());
tell();
