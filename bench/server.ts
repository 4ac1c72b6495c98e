// The control plane under load, in a process of its own: the real store, pipeline and ADS server, told what to do over IPC.
//   server.ts ENTRIES sidecars|none
import { countBuffersWithHeap } from 'sallyport/cli/heap.ts';
import { serveAds } from 'sallyport/pipeline/serve.ts';
import { changeableLoad } from './changes.ts';
import { applyStep } from './engine.ts';
import type { Answer, Request } from './messages.ts';
import { createSubject } from './subject.ts';

const MIB = 1024 * 1024;
const now = (): number => performance.timeOrigin + performance.now();
const cpuMs = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};
const answer = (message: Answer): void => {
  process.send?.(message);
};

countBuffersWithHeap();
const [entries, sidecars] = process.argv.slice(2);
const subject = await createSubject(changeableLoad({ entries: Number(entries), sidecars: sidecars === 'sidecars' }));
const ads = serveAds(subject.pipeline, { log: () => {} });
const port = await ads.listen(0);
answer({
  answer: 'ready',
  port,
  startedAt: performance.timeOrigin,
  at: now(),
  cpu: cpuMs(),
  rss: process.memoryUsage.rss() / MIB,
});

let cpuMark = process.cpuUsage();
let statsMark = { ...ads.stats };

process.on('message', (request: Request) => {
  switch (request.ask) {
    case 'mark':
      subject.takeWork();
      cpuMark = process.cpuUsage();
      statsMark = { ...ads.stats };
      answer({ answer: 'marked' });
      break;
    case 'step': {
      const at = now();
      applyStep(subject, request.step);
      answer({ answer: 'stepped', at, took: now() - at });
      break;
    }
    case 'settled':
      waitUntilSettled(request.streams, request.quietMs);
      break;
    case 'report': {
      const cpu = cpuMs(cpuMark);
      answer({
        answer: 'report',
        cpu,
        rss: process.memoryUsage.rss() / MIB,
        peakRss: process.resourceUsage().maxRSS / 1024,
        work: subject.takeWork(),
        resourcesSent: ads.stats.resources - statsMark.resources,
        bytesSent: ads.stats.bytes - statsMark.bytes,
        pushes: ads.stats.pushes - statsMark.pushes,
        failures: subject.pipeline.graph.failures.size + ads.stats.failures + ads.stats.streamsRefused,
      });
      break;
    }
    default:
      request satisfies never;
  }
});
process.on('disconnect', () => process.exit(0));

/** Looks every few milliseconds, which costs next to nothing beside what is measured. */
function waitUntilSettled(streams: number, quietMs: number): void {
  const end = now() + 120_000;
  let requests = ads.stats.requests;
  let lastRequestAt = now();
  const timer = setInterval(() => {
    if (ads.stats.requests !== requests) {
      requests = ads.stats.requests;
      lastRequestAt = now();
    }
    const isBack = ads.stats.streamsOpened - statsMark.streamsOpened >= streams && now() - lastRequestAt >= quietMs;
    if (!isBack && now() < end) return;
    clearInterval(timer);
    answer({ answer: 'settled', lastRequestAt, timedOut: !isBack });
  }, 5);
}
