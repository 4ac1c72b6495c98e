import { parseArgs } from 'node:util';
import { TEXTS } from './steps/index.ts';

export interface DemoOptions {
  readonly mode?: 'capture' | 'proxy';
  readonly texts: readonly string[];
  readonly keep: boolean;
  readonly output: 'text' | 'json';
}

export const HELP = `Usage: npm start -- [options]

Goes through five texts about services outside of a mesh as their reader would: applies their YAML as printed, calls
what they call through a real Envoy, and shows where each call went and why. Nothing leaves this machine.

Options:
  --text <id...>    only these: ${TEXTS.map(({ id }) => id).join(' ')}
  --mode <mode>     capture: in a network namespace; proxy: a forward proxy, no rights needed (default: capture if it
                    is possible here)
  --keep            stay up afterwards, for calls of your own from a second terminal
  -o, --output <format>  text for people, json for machines (default: text)
  -h, --help        show this

Exits 0 when everything happened as the texts or the messages say, 1 when not, 2 for a wrong option, 3 when it
cannot run here.

Examples:
  $ npm start
  $ npm start -- --text 000 --keep
  $ npm start --silent -- -o json | jq .texts[].ok
`;

/** Reads the command line; a sentence when it is wrong, `help` when help is wanted. */
export function readOptions(args: readonly string[]): DemoOptions | 'help' | { readonly wrong: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        text: { type: 'string', multiple: true },
        mode: { type: 'string' },
        keep: { type: 'boolean', default: false },
        output: { type: 'string', short: 'o', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const { mode, output, keep } = values;
    // `--text 000 003` is written as people write lists.
    const texts = [...(values.text ?? []), ...positionals].flatMap((ids) => ids.split(','));
    const unknown = texts.find((id) => !TEXTS.some((text) => text.id === id));
    if (unknown !== undefined) return { wrong: `there is no text ${unknown}; there are ${TEXTS.map(({ id }) => id).join(', ')}` };
    if (mode !== undefined && mode !== 'capture' && mode !== 'proxy') return { wrong: `--mode ${mode}: write capture or proxy` };
    if (output !== 'text' && output !== 'json') return { wrong: `--output ${output}: write text or json` };
    return { texts: texts.length === 0 ? TEXTS.map(({ id }) => id) : texts, keep, output, ...(mode !== undefined && { mode }) };
  } catch (error) {
    return { wrong: (error as Error).message };
  }
}
