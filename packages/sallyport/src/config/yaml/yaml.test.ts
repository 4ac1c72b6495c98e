import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { locate, type Path } from './position.ts';
import { placeAt, splitDocuments } from './split.ts';
import { parseYamlValue } from './value.ts';

describe('splitting', () => {
  const check = (text: string, expected: readonly (readonly [number, string])[]): void =>
    assert.deepEqual(
      splitDocuments(text).map((slice) => [slice.line, slice.text]),
      expected,
    );

  test('documents are cut at lines of three dashes, and empty ones left out', () => {
    check('a: 1\n---\nb: 2\n', [
      [1, 'a: 1\n'],
      [2, '---\nb: 2\n'],
    ]);
    check('---\n---\n# c\n--- # d\na: 1\n---', [[4, '--- # d\na: 1\n']]);
    check('--- {a: 1}\n', [[1, '--- {a: 1}\n']]);
    check('\uFEFFa: 1\r\n---\r\nb: 2', [
      [1, '\uFEFFa: 1\r\n'],
      [2, '---\r\nb: 2'],
    ]);
  });

  test('dashes inside a block text, and more than three, are no separator', () => {
    check('a: |\n  x\n  ---\n  y\n', [[1, 'a: |\n  x\n  ---\n  y\n']]);
    check('a: 1\n----\n', [[1, 'a: 1\n----\n']]);
  });

  test('slices lie in the text where they say', () => {
    const line = fc.constantFrom('a: 1', '---', '--- # x', '# c', '', ' ---', '----');
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (lines, lineBreak) => {
        const text = lines.join(lineBreak);
        for (const slice of splitDocuments(text)) {
          assert.equal(text.slice(slice.offset, slice.offset + slice.text.length), slice.text);
          assert.equal(placeAt(text, slice.offset).line, slice.line);
        }
      }),
    );
  });
});

describe('positions', () => {
  const text = `apiVersion: v1
metadata: {name: x, labels: {"a.b/c": 'd'}}
spec:
  export_to:
  - "."
  ports:
  - number: 80
    name: http
  - name:
  nested:
    - - 1
      - {deep: true}
  alias: &here {x: 1}
  again: *here
`;
  const check = (path: Path, line: number, column: number): void => {
    const found = locate(text, path);
    assert.deepEqual([found.line, found.column], [line, column], path.join('.'));
  };

  test('a scalar is where it starts, a mapping or list where its key is', () => {
    check(['apiVersion'], 1, 13);
    check(['metadata', 'labels', 'a.b/c'], 2, 39);
    check(['spec', 'ports'], 6, 3);
    check(['spec', 'ports', 0], 7, 5);
    check(['spec', 'ports', 0, 'number'], 7, 13);
    check(['spec', 'nested', 0, 1, 'deep'], 12, 16);
    check(['spec', 'again'], 14, 3);
  });

  test('snake_case is found under its camelCase name, and the spelling is told', () => {
    check(['spec', 'exportTo', 0], 5, 5);
    assert.deepEqual(locate(text, ['spec', 'exportTo', 0]).spelled, ['spec', 'export_to', 0]);
  });

  test('what is not there is looked for as deep as it goes', () => {
    check(['spec', 'ports', 1, 'name'], 9, 5);
    check(['spec', 'ports', 7, 'name'], 6, 3);
    check(['spec', 'again', 'x'], 14, 3);
    check(['nothing'], 1, 1);
  });

  test('every value of a document that was printed is found on a line that shows it', () => {
    const leaf = fc.integer({ min: 1000, max: 9999 });
    const node = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        leaf,
        fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c d', 'e:f'), tie('node'), { minKeys: 1, maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(node, (value) => {
        const printed = JSON.stringify(value, null, 2);
        const visit = (part: unknown, path: Path): void => {
          if (typeof part === 'number') {
            if (path.length === 0) return;
            const place = locate(printed, path);
            assert.equal(printed.split('\n')[place.line - 1]!.slice(place.column - 1, place.column + 3), String(part));
          } else
            for (const [key, child] of Object.entries(part as object))
              visit(child, [...path, Array.isArray(part) ? Number(key) : key]);
        };
        visit(value, []);
      }),
    );
  });
});

describe('scalars are read as Kubernetes reads them', () => {
  const check = (text: string, value: unknown): void => assert.deepEqual(parseYamlValue(`a: ${text}`).value, { a: value }, text);

  test('numbers', () => {
    for (const [text, value] of [
      ['0120', 80],
      ['0o120', 80],
      ['0x50', 80],
      ['0b11', 3],
      ['8_0', 80],
      ['8e1', 80],
      ['.5', 0.5],
      ['-0', -0],
      ['089', 89],
    ] as const)
      check(text, value);
  });
  test('booleans and nothing', () => {
    for (const [text, value] of [
      ['y', true],
      ['on', true],
      ['No', false],
      ['~', null],
      ['', null],
      ['Null', null],
    ] as const)
      check(text, value);
  });
  test('text', () => {
    for (const text of ['1:20', '2001-01-01', '2001-01-01T00:00:00Z', '1.2.3', '1e', 'yess', '5s', '0x', '1.2.3.4/24'])
      check(text, text);
    check('!custom x', 'x');
    check('!!binary aGk=', 'hi');
  });
  test('empty text has no value, and a broken one has an issue with its place', () => {
    assert.deepEqual(parseYamlValue('# nothing\n'), { issues: [] });
    const { issues } = parseYamlValue('a: 1\na: 2\n', 'mesh.yaml', 'files');
    assert.deepEqual(
      issues.map((issue) => [issue.code, issue.origin]),
      [['YAML_DUPLICATE_KEY', { source: 'files', path: 'mesh.yaml', line: 2, column: 1 }]],
    );
  });
});

test('no text makes the reader throw', () => {
  const piece = fc.constantFrom(
    'a: ',
    '- ',
    '\n',
    '  ',
    '\t',
    '[',
    ']',
    '{',
    '}',
    '&x ',
    '*x',
    '!t ',
    '"',
    "'",
    '|',
    '>',
    '#',
    '---',
    '%',
    ': ',
    ',',
    '<<: *x',
    '?',
    'é',
    '\uD800',
    '\u2028',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 }))), (pieces) => {
      const { value, issues } = parseYamlValue(pieces.join(''));
      assert.ok(value === undefined || issues.length === 0);
      for (const issue of issues) assert.ok(issue.origin!.line >= 1 && issue.origin!.column >= 1);
    }),
    { numRuns: 1000 },
  );
});
