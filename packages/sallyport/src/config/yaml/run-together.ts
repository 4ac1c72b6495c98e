/** A line that starts a Kubernetes object, at whatever indentation. */
const OBJECT_START = /^[ \t]*apiVersion[ \t]*:[ \t]*["']?[\w.-]+(?:\/v\w+)?["']?[ \t]*(?:#.*)?$/;
const KIND = /^[ \t]*kind[ \t]*:/;

/**
 * The line, from 0, at which a second object starts inside a document that could not be read, if one does:
 * there the author forgot a `---`. A nested reference also has an `apiVersion`, but its `kind` stands at the same indentation
 * deeper inside a value; an object start is less indented than the line before it, or at the very left.
 */
export function secondObjectLine(text: string): number | undefined {
  const lines = text.split(/\r\n|\r|\n/);
  let starts = 0;
  for (const [i, line] of lines.entries()) {
    if (!OBJECT_START.test(line) || !lines.slice(i + 1, i + 4).some((next) => KIND.test(next))) continue;
    starts += 1;
    if (starts === 1) continue;
    const before = lines.slice(0, i).findLast((earlier) => earlier.trim() !== '' && !earlier.trim().startsWith('#'));
    if (indentation(line) === 0 || (before !== undefined && indentation(line) < indentation(before))) return i;
  }
  return undefined;
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}
