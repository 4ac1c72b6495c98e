import { fieldText, type Issue, type Severity } from '../model/index.ts';

type Path = readonly (string | number)[];

/** Reads values that nobody has validated yet: each reader gives the value, or says what is wrong with it and gives nothing. */
export class FieldReader {
  readonly issues: Issue[] = [];
  readonly #about: Pick<Issue, 'object' | 'origin'>;

  constructor(about: Pick<Issue, 'object' | 'origin'>) {
    this.#about = about;
  }

  say(code: Issue['code'], severity: Severity, field: Path, message: string, hint?: string): undefined {
    this.issues.push({ code, severity, message, ...(hint !== undefined && { hint }), ...this.#about, field });
    return undefined;
  }

  wrong(field: Path, value: unknown, expected: string): undefined {
    const found = JSON.stringify(value) ?? String(value);
    return this.say('INVALID_VALUE', 'error', field, `${fieldText(field)} is ${found}, expected ${expected}`);
  }

  text(value: unknown, field: Path): string | undefined {
    return typeof value === 'string' ? value : this.wrong(field, value, 'text; put it in quotes if it looks like something else');
  }

  boolean(value: unknown, field: Path): boolean | undefined {
    return typeof value === 'boolean' ? value : this.wrong(field, value, 'true or false without quotes');
  }

  wholeNumber(value: unknown, field: Path, least: number, most: number): number | undefined {
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    return this.wrong(field, value, `a whole number from ${least} to ${most}`);
  }

  texts(value: unknown, field: Path): readonly string[] | undefined {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    return this.wrong(field, value, 'a list of texts');
  }

  record(value: unknown, field: Path): Readonly<Record<string, unknown>> | undefined {
    return isRecord(value) ? value : this.wrong(field, value, 'an object');
  }

  /** A word of the list, or its number in Istio's API where `numbers` gives one. */
  choice<W extends string>(value: unknown, field: Path, words: readonly W[]): W | undefined {
    const word = typeof value === 'number' ? words[value] : words.find((w) => w === value);
    return word ?? this.wrong(field, value, `one of ${words.join(', ')}`);
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SNAKE = /^[a-z0-9]+(_[a-z0-9]+)+$/;
/** Fields whose keys are the user's own words. */
const FREE_KEYS: ReadonlySet<string> = new Set(['proxyMetadata', 'matchLabels', 'to', 'labels']);

/** Keys in camelCase at every depth, as protojson reads both spellings; where both are given camelCase wins (spec/istio.md 9). */
export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (!isRecord(value)) return value;
  const snake = Object.keys(value).filter((key) => SNAKE.test(key));
  const plain = Object.keys(value).filter((key) => !SNAKE.test(key));
  return Object.fromEntries(
    [...snake, ...plain].map((key) => {
      const camel = SNAKE.test(key) ? key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : key;
      return [camel, FREE_KEYS.has(camel) ? value[key] : camelKeys(value[key])];
    }),
  );
}
