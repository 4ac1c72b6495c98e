import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldText, type Issue } from '../../model/index.ts';

/** Golden files of one stage: `<case>.in.yaml` as users write it, and what comes out in `<case>.out.<ending>`. */
export interface GoldenFolder {
  readonly cases: () => readonly string[];
  readonly input: (name: string, ending?: string) => string;
  readonly outputOf: (name: string) => string;
  readonly expectedOf: (name: string) => string | undefined;
  /** Writes what comes out now, of one case or of all; outputs that no case makes any more are removed. */
  readonly update: (only?: string) => readonly string[];
}

export function goldenFolder(folder: string, ending: string, make: (name: string, folder: GoldenFolder) => string): GoldenFolder {
  const outPath = (name: string) => join(folder, `${name}.out.${ending}`);
  const found: GoldenFolder = {
    cases: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.in.yaml'))
        .map((name) => name.slice(0, -'.in.yaml'.length))
        .sort(),
    input: (name, of = 'in.yaml') => readFileSync(join(folder, `${name}.${of}`), 'utf8'),
    outputOf: (name) => make(name, found),
    expectedOf: (name) => (existsSync(outPath(name)) ? readFileSync(outPath(name), 'utf8') : undefined),
    update(only) {
      const names = found.cases();
      for (const file of readdirSync(folder))
        if (file.endsWith(`.out.${ending}`) && !names.includes(file.slice(0, -`.out.${ending}`.length)))
          rmSync(join(folder, file));
      const written = names.filter((name) => only === undefined || name === only);
      for (const name of written) writeFileSync(outPath(name), found.outputOf(name));
      return written;
    },
  };
  return found;
}

export function issueLine({ origin, severity, code, message, field, hint }: Issue): string {
  const place = origin === undefined ? '' : `${origin.path}:${origin.line}:${origin.column} `;
  return `${place}${severity} ${code} ${message}${field === undefined ? '' : ` [${fieldText(field)}]`}${hint === undefined ? '' : ` → ${hint}`}`;
}
