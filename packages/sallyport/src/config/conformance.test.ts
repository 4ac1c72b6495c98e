import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadAll } from 'js-yaml';
import type { Finding } from './finding.ts';
import { findKind, judge, kinds, readFileText, type Shape } from './index.ts';
import { noVectors, type ValidateVector, validateVectors, vectorText } from './testing/conformance.ts';

const KINDS = [
  'ServiceEntry',
  'WorkloadEntry',
  'VirtualService',
  'DestinationRule',
  'Sidecar',
  'Gateway',
  'PeerAuthentication',
  'AuthorizationPolicy',
];
const SETS = [
  'rules',
  'valid',
  'istio-dataset',
  'istio-crd-testdata',
  ...KINDS.flatMap((kind) => [`mutations-${kind}`, `istio-tests-${kind}`]),
];

/** Verdicts of the webhook that ours differs from, each for a reason. */
const ERRORS_DIFFER: Readonly<Record<string, string>> = {
  'm-ServiceEntry-0021': 'the namespace a.b is refused with the metadata, not as an entry of exportTo',
  'm-ServiceEntry-0160': 'location -1 counts as absent, with a warning',
  'm-Gateway-0196': 'a missing name is refused with the metadata',
  'm-VirtualService-0150': 'a percentage of "NaN" is refused',
  'm-VirtualService-0314': 'a.b is no header name',
  'm-PeerAuthentication-0022': 'a port with a blank before it is refused, as by the schema',
  'crd-ServiceEntry-full': '[001:db8::] is a mapping in YAML, and text only to the reader of istiod',
};
const WARNINGS_DIFFER: Readonly<Record<string, string>> = {
  'm-VirtualService-0257': 'ours also sees that a match without conditions takes what comes after it',
  'm-VirtualService-0323': 'ours also sees that a match without conditions takes what comes after it',
  'VirtualService-151': 'ours also sees that a prefix takes an exact path',
  'm-Gateway-0118': 'an unknown mode counts as PASSTHROUGH, which uses no certificates',
  'm-Sidecar-0192': 'an unknown mode counts as PASSTHROUGH, which uses no certificates',
  'm-Sidecar-0194': 'an unknown mode counts as PASSTHROUGH, which uses no certificates',
};

/** What the API server decides, not istiod's admission check: the layer of the schema. */
const OTHER_LAYER = (finding: Pick<Finding, 'code'> & { readonly field?: readonly (string | number)[] }): boolean =>
  finding.code === 'UNSUPPORTED_VERSION' ||
  (finding.field?.[0] === 'metadata' && !/internal\.istio|dry-run/.test(String(finding.field[2])));

/** Warnings that only we have: istiod is silent about what it ignores. */
const OURS = (finding: Finding): boolean =>
  finding.code === 'UNKNOWN_FIELD' ||
  finding.code === 'NOT_ACTED_ON' ||
  / the number of no value|exclude each other; only/.test(finding.message);

function verdict(vector: ValidateVector): { readonly errors: boolean; readonly warnings: boolean } {
  const { documents, issues } = readFileText({ source: 'test', path: vector.id, text: vector.yaml });
  const findings = documents.flatMap((document) => judge(document.value, 'default').findings);
  const errors = [...issues, ...findings].some((one) => one.severity === 'error' && !OTHER_LAYER(one));
  return { errors, warnings: findings.some((one) => one.severity === 'warning' && !OURS(one)) };
}

describe('verdicts on single objects are those of istiod', { skip: noVectors }, () => {
  for (const set of SETS)
    test(set, () => {
      const wrong: string[] = [];
      for (const vector of validateVectors(set)) {
        if (!KINDS.includes(vector.kind)) continue;
        const wanted = vector.webhook ?? { errors: true, warnings: false };
        const { errors, warnings } = verdict(vector);
        if ((errors === wanted.errors) === vector.id in ERRORS_DIFFER) wrong.push(`${vector.id}: errors ${errors}`);
        if (!wanted.errors && !errors && (warnings === wanted.warnings) === vector.id in WARNINGS_DIFFER)
          wrong.push(`${vector.id}: warnings ${warnings}`);
      }
      assert.deepEqual(wrong, []);
    });
});

/** Documents of yaml-syntax that ours reads differently. */
const SYNTAX_DIFFERS: Readonly<Record<string, string>> = {
  'y-020': 'a text is a document that is no object, not one that cannot be parsed',
  'y-049': 'keys written beside a merge key override the merged ones, as YAML means it',
  'y-051': 'likewise',
  'y-090': '.inf is refused as a value, not by the parser',
  'y-139': 'a null key is the text null',
  'y-180': 'a glued separator is an unknown field with a hint',
  'y-185': 'deep nesting is refused by the parser, not as a value',
};

test('YAML is read as istiod reads it', { skip: noVectors }, () => {
  const wrong: string[] = [];
  for (const { id, yaml, docs = [], readError } of validateVectors('yaml-syntax')) {
    const { documents, issues } = readFileText({ source: 'test', path: id, text: yaml });
    const read = docs.filter((doc) => doc.parse !== false);
    const refused = documents.map(({ value }) =>
      judge(value, 'default').findings.some(
        (one) => one.severity === 'error' && !OTHER_LAYER(one) && !['UNKNOWN_KIND', 'DOCUMENT_INCOMPLETE'].includes(one.code),
      ),
    );
    const ours = JSON.stringify([issues.length, refused]);
    const theirs = JSON.stringify([
      docs.length - read.length + (readError === undefined ? 0 : 1),
      read.map((doc) => doc.webhook?.errors),
    ]);
    if ((ours === theirs) === id in SYNTAX_DIFFERS) wrong.push(`${id}: ${ours}, istiod ${theirs}`);
  }
  assert.deepEqual(wrong, []);
});

describe('the table of kinds agrees with the CRDs', { skip: noVectors }, () => {
  interface Crd {
    readonly spec: {
      readonly group: string;
      readonly scope: string;
      readonly names: { readonly kind: string; readonly plural: string; readonly shortNames?: readonly string[] };
      readonly versions: readonly {
        readonly name: string;
        readonly served: boolean;
        readonly schema: { readonly openAPIV3Schema: { readonly properties: { readonly spec: Tree } } };
      }[];
    };
  }
  interface Tree {
    readonly type?: string;
    readonly properties?: Readonly<Record<string, Tree>>;
    readonly items?: Tree;
    readonly additionalProperties?: Tree;
    readonly enum?: readonly string[];
  }
  const crds = (): readonly Crd[] =>
    loadAll(vectorText('crds/istio-crds.yaml')).filter((one) => one !== null && one !== undefined) as Crd[];

  test('every kind of Istio is there with its versions, names and scope', () => {
    for (const { spec } of crds()) {
      const row = findKind(spec.group, spec.names.kind);
      assert.ok(row, `${spec.group} ${spec.names.kind}`);
      assert.deepEqual(
        [...row.versions].sort(),
        spec.versions
          .filter((one) => one.served)
          .map((one) => one.name)
          .sort(),
        row.kind,
      );
      assert.equal(row.plural, spec.names.plural);
      assert.equal(row.scope, spec.scope);
      if (row.use.acted) assert.deepEqual(row.shortNames ?? [], spec.names.shortNames ?? []);
    }
  });

  /** Fields of the CRDs that are another spelling of a field. */
  const SPELLINGS = new Set(['spec.http.mirror_percent']);
  /** Values that only the mesh configuration may have; a rule refuses them here. */
  const MESH_ONLY = new Set(['ALLOW_ANY_DYNAMIC_DNS']);

  function compare(tree: Tree, shape: Shape | undefined, path: string): readonly string[] {
    if (shape === undefined) return SPELLINGS.has(path) ? [] : [`${path} is missing`];
    if (tree.type !== shape.type) return [`${path} is ${JSON.stringify(shape.type)}, in the CRD ${tree.type}`];
    const names = shape.enum?.filter((name) => !MESH_ONLY.has(name));
    const values =
      JSON.stringify(tree.enum) === JSON.stringify(names) ? [] : [`${path} has values ${names}, in the CRD ${tree.enum}`];
    const extra = Object.keys(shape.properties ?? {}).filter(
      (name) => tree.properties !== undefined && !(name in tree.properties),
    );
    return [
      ...values,
      ...extra.map((name) => `${path}.${name} is in no CRD`),
      ...Object.entries(tree.properties ?? {}).flatMap(([name, child]) =>
        compare(child, shape.properties?.[name], `${path}.${name}`),
      ),
      ...(tree.items === undefined ? [] : compare(tree.items, shape.items, path)),
      ...(typeof tree.additionalProperties === 'object' && typeof shape.additionalProperties === 'object'
        ? compare(tree.additionalProperties, shape.additionalProperties, path)
        : []),
    ];
  }

  for (const kind of KINDS)
    test(`${kind} has exactly the fields, types and values of its CRD`, () => {
      const tree = crds().find((one) => one.spec.names.kind === kind)!.spec.versions[0]!.schema.openAPIV3Schema.properties.spec;
      const { use } = findKind('networking.istio.io', kind) ?? findKind('security.istio.io', kind)!;
      assert.ok(use.acted);
      assert.deepEqual(compare(tree, use.schema, 'spec'), []);
    });
});

test('no kind stands twice in the table, and every kind says whether it is acted on', () => {
  const ids = kinds.map((row) => `${row.group}/${row.kind}`);
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    [],
  );
  for (const row of kinds) assert.ok(row.use.acted || row.use.because.length > 10, row.kind);
});
