// `npm start`: the main job on real input. A control plane, a workload with a real Envoy and stand-ins for the world outside, and the five texts
// gone through as a user would.
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';
import { type Progress, progress } from 'sallyport/cli/progress.ts';
import { processTerminal, type Terminal } from 'sallyport/cli/terminal.ts';
import { type Lab, startLab } from '../lab/index.ts';
import { prepareMachine } from './machine.ts';
import { type DemoOptions, HELP, readOptions } from './options.ts';
import { type Done, perform } from './perform.ts';
import { paragraph, resultJson, stepText, summaryText, type TextDone, textHead } from './show.ts';
import { TEXTS } from './steps/index.ts';

const EXIT = { good: 0, differs: 1, usage: 2, cannot: 3, interrupted: 130 } as const;
const NAMESPACE = 'sample-app';

const terminal = processTerminal();
const options = readOptions(process.argv.slice(2));
if (options === 'help') terminal.out(HELP);
else if ('wrong' in options) {
  terminal.err(`${options.wrong}\n(--help shows what there is)\n`);
  process.exitCode = EXIT.usage;
} else process.exitCode = await show(options, terminal);

async function show({ texts, keep, output, mode: wanted }: DemoOptions, { out, err, colors }: Terminal): Promise<number> {
  const started = performance.now();
  const waiting = progress();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const note = (line: string): void => {
    waiting.clear();
    err(`${line}\n`);
  };
  const print = (text: string): void => {
    waiting.clear();
    if (output === 'text') out(text);
  };
  let lab: Lab | undefined;
  try {
    waiting.say('looking at this machine');
    const { mode, because } = await prepareMachine(wanted, note);
    if (because !== undefined) note(`Traffic cannot be captured here, so a forward proxy shows what it can: ${because}`);
    waiting.say('finding Envoy');
    const envoy = await resolveEnvoy({ log: note });
    lab = await startLab({ mode, workload: { namespace: NAMESPACE }, onProgress: (what) => waiting.say(`starting ${what}`) });
    const up = (performance.now() - started) / 1000;
    print(
      `Envoy ${envoy.version}, a control plane, one workload in namespace ${NAMESPACE} (${mode === 'capture' ? 'its traffic is captured' : 'told of its proxy by http_proxy'}) and stand-ins for the world: up after ${up.toFixed(1)} s.\n${colors.dim('Every call below is made inside the workload, by: sallyport exec -- CALL')}\n`,
    );
    const done = await goThrough(texts, lab, { print, waiting, stop: stop.signal });
    const seconds = (performance.now() - started) / 1000;
    if (output === 'json') out(`${JSON.stringify(resultJson(mode, done, seconds), null, 2)}\n`);
    else if (!stop.signal.aborted) print(summaryText(done, seconds, terminal));
    if (keep && !stop.signal.aborted) await stayUp(lab, note, stop.signal);
    if (stop.signal.aborted && !keep) return EXIT.interrupted;
    return done.every((text) => text.done.every(({ differs }) => differs.length === 0)) ? EXIT.good : EXIT.differs;
  } catch (error) {
    note(colors.red((error as Error).message));
    return stop.signal.aborted ? EXIT.interrupted : EXIT.cannot;
  } finally {
    waiting.say('tidying up');
    await lab?.close();
    waiting.clear();
  }
}

interface Going {
  readonly print: (text: string) => void;
  readonly waiting: Progress;
  readonly stop: AbortSignal;
}

/** The texts one after the other, each step as soon as it is done; until the signal says that it is enough. */
async function goThrough(ids: readonly string[], lab: Lab, { print, waiting, stop }: Going): Promise<TextDone[]> {
  const texts: TextDone[] = [];
  for (const text of TEXTS.filter(({ id }) => ids.includes(id))) {
    print(textHead(text, terminal));
    const done: Done[] = [];
    for (const step of text.steps) {
      if (stop.aborted) return texts;
      waiting.say(`${text.id}  ${step.title}`);
      const one = await perform(step, lab);
      if (stop.aborted) return texts;
      done.push(one);
      print(stepText(one, terminal));
    }
    texts.push({ text, done });
  }
  return texts;
}

async function stayUp(lab: Lab, note: (line: string) => void, stop: AbortSignal): Promise<void> {
  const lines = [
    `export SALLYPORT_RUNTIME_DIR=${lab.runtimeDir}`,
    'npx sallyport apply -n sample-app -f examples/quickstart/',
    'npx sallyport exec -- curl -si http://api.example.com/',
    `npx sallyport exec -- curl -s --cacert ${lab.caFile} https://api.example.com/`,
    'npx sallyport exec -- curl -si http://elsewhere.example.net/     # nobody declared it, and the mesh is closed now',
    'npx sallyport proxy-status',
  ];
  note(`\nIt stays up until Ctrl-C. The configuration is the directory ${lab.configDir}. Try in a second terminal:\n`);
  for (const line of lines) note(`  ${line}`);
  note(paragraph('Then break it: delete port 443 from the entry, apply it again, and read what you are told.', 0, terminal));
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
}
