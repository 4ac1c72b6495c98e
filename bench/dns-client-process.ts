// Asks a DNS server over several UDP sockets, with so many questions open all the time, and reports.
import { createSocket, type Socket } from 'node:dgram';
import type { ClientReport, ClientRequest } from './dns-messages.ts';

const SOCKETS = 4;
const LOST_MS = 2_000;
const IDS = 0x10000;

process.on('disconnect', () => process.exit());
process.on('message', (request: ClientRequest) => {
  void run(request).then((report) => process.send?.(report));
});

async function run({ port, questions, open, seconds }: ClientRequest): Promise<ClientReport> {
  const queries = questions.map(([name, type]) => encoded(name, type === 'A' ? 1 : 28));
  const times: number[] = [];
  let [bytes, lost, next] = [0, 0, 0];
  const started = performance.now();
  const until = started + seconds * 1_000;
  const lanes = await Promise.all(
    Array.from({ length: SOCKETS }, async () => {
      const socket = createSocket({ type: 'udp4', lookup: (address, _, callback) => callback(null, address, 4) });
      await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve));
      return { socket, sentAt: new Float64Array(IDS), id: 0 };
    }),
  );
  await new Promise<void>((resolve) => {
    for (const lane of lanes) {
      lane.socket.on('message', (answer) => {
        const id = answer.readUInt16BE(0);
        const now = performance.now();
        if (lane.sentAt[id] === 0 || (answer[3]! & 15) !== 0) lost += 1;
        else times.push(now - lane.sentAt[id]!);
        lane.sentAt[id] = 0;
        bytes += answer.length;
        if (now < until) send(lane);
      });
      for (let i = 0; i < open / SOCKETS; i += 1) send(lane);
    }
    // What was lost in a full buffer leaves its place empty: it is filled again.
    const mend = setInterval(() => {
      const now = performance.now();
      for (const lane of lanes)
        for (let id = 0; id < IDS; id += 1)
          if (lane.sentAt[id] !== 0 && now - lane.sentAt[id]! > LOST_MS) {
            lane.sentAt[id] = 0;
            lost += 1;
            if (now < until) send(lane);
          }
      if (now < until + LOST_MS / 4) return;
      clearInterval(mend);
      resolve();
    }, 100);
  });
  for (const { socket } of lanes) socket.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { answers: times.length, lost, seconds, bytes, p50Ms: at(0.5), p99Ms: at(0.99) };

  function send(lane: { readonly socket: Socket; readonly sentAt: Float64Array; id: number }): void {
    const query = queries[next % queries.length]!;
    next += 1;
    lane.id = (lane.id + 1) % IDS;
    query.writeUInt16BE(lane.id, 0);
    lane.sentAt[lane.id] = performance.now();
    // A copy, for the socket may send it later.
    lane.socket.send(Buffer.from(query));
  }
}

function encoded(name: string, type: number): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...labels, Buffer.from([0, 0, type, 0, 1])]);
}
