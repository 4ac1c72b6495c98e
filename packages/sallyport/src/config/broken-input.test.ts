import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { entry, shelf } from './testing/files.ts';

/** A document, the finding it has to give, and words that the finding must not lack. */
interface Broken {
  readonly name: string;
  readonly text: string;
  readonly says: readonly string[];
  readonly words: RegExp;
}

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...'bcdefgh'.split('').map((name, i) => {
    const before = 'abcdefgh'[i];
    return `${name}: &${name} [${`*${before}, `.repeat(9)}*${before}]`;
  }),
]
  .join('\n')
  .concat('\n');

const cases: readonly Broken[] = [
  { name: 'bad YAML', text: entry('b').replace('hosts: [', 'hosts: [['), says: ['YAML_SYNTAX bad.yaml:7:3'], words: /bracket/ },
  {
    name: 'an unquoted wildcard',
    text: entry('b').replace('[b.example.com]', '[*.example.com]'),
    says: ['YAML_SYNTAX bad.yaml:6:11'],
    words: /quote a value that starts with \*/,
  },
  {
    name: 'tab indentation',
    text: entry('b', '\tlocation: MESH_EXTERNAL'),
    says: ['YAML_TAB bad.yaml:10:1'],
    words: /indent with spaces/,
  },
  {
    name: 'a duplicate key',
    text: entry('b', '  resolution: STATIC'),
    says: ['YAML_DUPLICATE_KEY bad.yaml:10:3'],
    words: /"resolution" stands twice/,
  },
  {
    name: 'an unknown kind',
    text: entry('b').replace('kind: ServiceEntry', 'kind: ServiceEntri'),
    says: ['UNKNOWN_KIND bad.yaml:2:7 kind'],
    words: /did you mean ServiceEntry/,
  },
  {
    name: 'an unknown field',
    text: entry('b', '  resolutoin: STATIC'),
    says: ['UNKNOWN_FIELD bad.yaml:10:3 spec.resolutoin'],
    words: /did you mean `resolution`/,
  },
  {
    name: 'a wrong type',
    text: entry('b').replace('number: 80', 'number: eighty'),
    says: ['INVALID_VALUE bad.yaml:8:14 spec.ports[0].number'],
    words: /"eighty" is no whole number/,
  },
  {
    name: 'a scalar that YAML 1.1 reads as a boolean',
    text: entry('b').replace('name: http', 'name: on'),
    says: ['YAML_AMBIGUOUS_SCALAR bad.yaml:8:24 spec.ports[0].name'],
    words: /`on` without quotes is read as true/,
  },
  { name: 'an alias bomb', text: bomb, says: ['YAML_ALIASES bad.yaml:2:8'], words: /without bound/ },
  {
    name: 'a document above the limit',
    text: entry('b', `  # ${'x'.repeat(1024 * 1024)}`),
    says: ['FILE_TOO_LARGE bad.yaml:1:1'],
    words: /1\.0 million characters/,
  },
  { name: 'a binary file', text: `${entry('b')}\0\0`, says: ['FILE_BINARY bad.yaml:10:1'], words: /NUL byte/ },
  { name: 'a text that is no object', text: 'hello\n', says: ['DOCUMENT_NOT_OBJECT bad.yaml:1:1'], words: /the text "hello"/ },
  {
    name: 'a missing kind',
    text: entry('b').replace('kind: ServiceEntry\n', ''),
    says: ['DOCUMENT_INCOMPLETE bad.yaml:1:1'],
    words: /no `kind`/,
  },
  {
    name: 'a version that is not served',
    text: entry('b').replace('/v1', '/v2'),
    says: ['UNSUPPORTED_VERSION bad.yaml:1:13 apiVersion'],
    words: /networking.istio.io\/v1 or/,
  },
  {
    name: 'nesting without end',
    text: `a: ${'['.repeat(5000)}\n`,
    says: ['YAML_SYNTAX bad.yaml:1:203'],
    words: /more than 200 levels/,
  },
];

describe('a broken document is named with file, line and column, and nothing else suffers', () => {
  for (const { name, text, says, words } of cases)
    test(name, () => {
      const { put, ids, said, store } = shelf();
      put('bad.yaml', text);
      put('good.yaml', entry('good'));
      assert.deepEqual(said(), says);
      const [issue] = store.issues();
      assert.match(`${issue!.message} ${issue!.hint}`, words);
      assert.doesNotMatch(issue!.message, /\n|\bat \w+ \(|Error:/, 'no stack, one line');
      assert.ok(ids().includes('ServiceEntry/default/good'));
    });

  for (const { name, text } of cases)
    test(`${name}: the last good version stays in force, and so do the documents around it`, () => {
      const { put, ids } = shelf();
      put('bad.yaml', `${entry('a')}---\n${entry('b')}---\n${entry('c')}`);
      put('bad.yaml', `${entry('a')}---\n${text}---\n${entry('c')}`);
      assert.deepEqual(ids(), ['ServiceEntry/default/a', 'ServiceEntry/default/b', 'ServiceEntry/default/c']);
    });
});

test('two documents run together are told from one, with the line where --- is missing', () => {
  // As in the notes that people copy: no separator, and the second document is indented by one.
  const first =
    'apiVersion: networking.istio.io/v1alpha3\nkind: WorkloadEntry\nmetadata:\n  name: vm-1\nspec:\n  address: 1.0.0.0\n  labels:\n    app: customers\n    \n';
  const { put, said, store } = shelf();
  put('a.yaml', `${first} ${first.replace('vm-1', 'vm-2')}`);
  assert.deepEqual(said(), ['DOCUMENT_RUN_TOGETHER a.yaml:10:2']);
  assert.match(store.issues()[0]!.hint!, /write a line --- before this one and start it at the left margin/);
  put('a.yaml', first + first.replace('vm-1', 'vm-2'));
  assert.deepEqual(said(), ['DOCUMENT_RUN_TOGETHER a.yaml:10:1']);
});

test('an object that is referred to inside another is not taken for a second document', () => {
  const { put, said } = shelf();
  put('a.yaml', `${entry('a')}  owner:\n    apiVersion: v1\n    kind: Service\n  bad: [\n`);
  assert.deepEqual(said(), ['YAML_SYNTAX a.yaml:14:1']);
});

test('kinds that are known and not acted on are said to be so', () => {
  const { put, store } = shelf();
  put(
    'a.yaml',
    'apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n---\napiVersion: networking.istio.io/v1beta1\nkind: ProxyConfig\nmetadata: {name: g}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\n',
  );
  assert.deepEqual(
    store.issues().map(({ code, severity }) => [code, severity]),
    [
      ['NOT_ACTED_ON', 'warning'],
      ['NOT_ACTED_ON', 'warning'],
      ['NOT_ACTED_ON', 'info'],
    ],
  );
  assert.match(store.issues()[0]!.message, /write apps\/v1/);
});
