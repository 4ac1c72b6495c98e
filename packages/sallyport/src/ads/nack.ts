/** Envoy's words before the list of resources that it could not apply; the others of that response are in force. */
const APPLY_FAILED = /Error adding\/updating (?:cluster|listener)\(s\) /;
/** A random mark that protobuf puts into debug texts so that nobody compares them. */
const DEBUG_MARK = /\s*goo\.gle\/debug\S*\s*/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the text comes from outside and goes into logs
const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]+/g;
/** Before this reason Envoy prints the whole resource, often thousands of characters that say nothing new. */
const CONSTRAINT = /Proto constraint validation failed \([^\n]*\)\s*$/;
const LONGEST_DETAIL = 2048;
/** A text is searched for names this far, so that a hostile one costs little. */
const LONGEST_SEARCH = 65_536;

/** A rejection's text without random marks and line ends, at most 2,048 characters: fit to be compared, stored and shown. */
export function cleanDetail(text: string): string {
  const cut = CONSTRAINT.exec(text.slice(-LONGEST_DETAIL))?.[0] ?? text.slice(0, 2 * LONGEST_DETAIL);
  return cut.replace(DEBUG_MARK, ' ').replace(CONTROL, ' ').trim().slice(0, LONGEST_DETAIL);
}

/**
 * Which of the sent names a rejection blames, each with the reason given for it (spec/envoy.md 1, fact 2). Only failures to
 * apply name resources; a failure to decode does not, and then the answer is empty although one of them is the culprit.
 */
export function blamed(text: string, sent: readonly { readonly name: string }[]): ReadonlyMap<string, string> {
  const start = APPLY_FAILED.exec(text);
  if (start === null) return new Map();
  const list = text.slice(start.index + start[0].length, LONGEST_SEARCH);
  const entries: { name: string; at: number }[] = [];
  for (const { name } of sent) {
    const at = entryOf(list, name);
    if (at >= 0) entries.push({ name, at });
  }
  entries.sort((a, b) => a.at - b.at);
  return new Map(
    entries.map(({ name, at }, i) => {
      const reason = list.slice(at + name.length + 2, entries[i + 1]?.at).replace(/,?\s*$/, '');
      return [name, cleanDetail(reason)];
    }),
  );
}

/** Where `NAME: reason` stands, at the beginning or after a comma or line end; -1 when nowhere. */
function entryOf(list: string, name: string): number {
  if (name === '') return -1;
  for (let at = list.indexOf(`${name}: `); at >= 0; at = list.indexOf(`${name}: `, at + 1)) {
    if (/(?:^|,|\n)\s*$/.test(list.slice(Math.max(0, at - 8), at))) return at;
  }
  return -1;
}
