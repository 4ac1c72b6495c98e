// So many agents that follow the names of a control plane, by row or as whole tables; told about by messages.
//   name-agents-process.ts PORT AGENTS rows|table
import { fromBinary } from '@bufbuild/protobuf';
import { NameTableSchema } from '@sallyport/apis/nds';
import { typeUrl } from '@sallyport/apis/type-urls';
import { nodeOf } from 'sallyport/agent/bootstrap/node.ts';
import { NameRows } from 'sallyport/agent/names/rows.ts';
import { followNames, type Subscription } from 'sallyport/agent/names/stream.ts';
import { NameTable } from 'sallyport/agent/resolver/name-table.ts';
import type { NameAgentsAnswer } from './names.ts';

const [port, agents, form] = process.argv.slice(2);
const ASKER = { namespace: 'shop', domain: 'shop.svc.cluster.local' };
let [changes, at] = [0, 0];

for (let i = 0; i < Number(agents); i += 1) {
  const identity = { name: `web-${i}`, namespace: 'shop', ips: [`10.9.${i >> 8}.${i & 255}`] };
  const node = nodeOf(identity, {
    mode: 'REDIRECT',
    dnsCapture: true,
    unprivileged: true,
    statusPort: 15021,
    metricsPort: 15090,
  });
  if (form === 'table') delete node.metadata?.['SALLYPORT_NAME_ROWS'];
  followNames({
    place: { kind: 'tcp', address: '127.0.0.1', port: Number(port) },
    node,
    names: form === 'table' ? wholeTable() : new NameRows(new NameTable(ASKER)),
    say: () => {},
    onChange: () => {
      changes += 1;
      at = performance.timeOrigin + performance.now();
    },
  });
}

/** As an agent of Istio's takes its names: one resource, from which everything is made anew. */
function wholeTable(): Subscription & { table: NameTable } {
  return {
    table: new NameTable(ASKER),
    begin: (node) => ({ node, typeUrl: typeUrl.nameTable }),
    take(response) {
      this.table = new NameTable(ASKER);
      for (const { resource } of response.resources) {
        const { table } = fromBinary(NameTableSchema, resource?.value ?? new Uint8Array());
        for (const [host, info] of Object.entries(table)) this.table.put(host, info);
      }
      return { changed: true, answer: { typeUrl: typeUrl.nameTable, responseNonce: response.nonce } };
    },
  };
}

function tell(): void {
  const { user, system } = process.cpuUsage();
  process.send?.({ changes, at, cpuMs: (user + system) / 1e3 } satisfies NameAgentsAnswer);
}
process.on('message', tell);
process.on('disconnect', () => process.exit());
