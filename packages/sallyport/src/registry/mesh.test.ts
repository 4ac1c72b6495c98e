import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../lib/duration.ts';
import { type ConfigMapSpec, type ConfigObject, type Issue, type MeshConfig, SALLYPORT_DEFAULTS } from '../model/index.ts';
import { defaultMesh, meshFrom } from './mesh.ts';
import { MESH_FIELDS } from './mesh-fields.ts';
import { readMeshText } from './mesh-text.ts';
import { functionVectors, noVectors, vectorsFile } from './testing/conformance.ts';
import { testRegistry } from './testing/registry.ts';

function configMap(text: string): ConfigObject<ConfigMapSpec> {
  return {
    key: { kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' },
    apiVersion: 'v1',
    labels: {},
    annotations: {},
    createdAt: 0,
    spec: { data: { mesh: text } },
    origin: { source: 'test', path: 'mesh.yaml', line: 1, column: 1 },
  };
}

const fromText = (text: string) => meshFrom({ rootNamespace: 'istio-system', configMap: configMap(text) });
const DEFAULTS = defaultMesh('istio-system');
const errors = (issues: readonly Issue[]) => issues.filter(({ severity }) => severity === 'error');

test('networks beside the mesh configuration are told, an empty list of them is none', () => {
  const issuesOf = (networks: string) => {
    const { spec, ...rest } = configMap('connectTimeout: 3s');
    return meshFrom({
      rootNamespace: 'istio-system',
      configMap: { ...rest, spec: { data: { ...spec.data, meshNetworks: networks } } },
    }).issues;
  };
  assert.deepEqual(issuesOf('networks: {}'), []);
  assert.deepEqual(issuesOf(''), []);
  assert.deepEqual(
    issuesOf('networks:\n  other:\n    endpoints: [{fromRegistry: b}]\n').map(({ code, severity, field }) => [
      code,
      severity,
      field,
    ]),
    [['NOT_ACTED_ON', 'warning', ['data', 'meshNetworks']]],
  );
});

test('the ConfigMap wins over the overlay, and both over the defaults', () => {
  const { value, issues } = meshFrom({
    rootNamespace: 'istio-system',
    overlay: { connectTimeout: '3s', trustDomain: 'overlay.example' },
    configMap: configMap('trustDomain: map.example\n'),
  });
  assert.deepEqual(value, { ...DEFAULTS, connectTimeout: '3s', trustDomain: 'map.example' });
  assert.deepEqual(issues, []);
});

test('an object given replaces the default whole', () => {
  assert.deepEqual(fromText('localityLbSetting: {failoverPriority: [a]}').value.localityLbSetting, { failoverPriority: ['a'] });
});

test('an outbound policy without mode closes the mesh, and says so', () => {
  const { value, issues } = fromText('outboundTrafficPolicy: {}');
  assert.deepEqual(value.outboundTrafficPolicy, { mode: 'REGISTRY_ONLY' });
  assert.equal(issues.length, 1);
  assert.match(issues[0]!.message, /REGISTRY_ONLY/);
});

test('both spellings of a field are read at every depth, but not in the keys that are the user’s own', () => {
  const { value } = fromText(
    'connect_timeout: 2s\ndefault_config: {proxy_metadata: {my_own_key: a}}\ntls_defaults: {ecdh_curves: [P-256]}\nservice_entry_visibility: {default_visibility: NONE}\n',
  );
  assert.equal(value.connectTimeout, '2s');
  assert.deepEqual(value.proxyMetadata, { my_own_key: 'a' });
  assert.deepEqual(value.tlsDefaults, { ecdhCurves: ['P-256'] });
  assert.deepEqual(value.serviceEntryVisibility, { defaultVisibility: 'NONE' });
});

test('a bad value is an error, and the others still count', () => {
  const { value, issues } = fromText(
    'connectTimeout: soon\nenableAutoMtls: "false"\ntrustDomain: a.b\nsallyport: {enforcement: lax}\n',
  );
  assert.deepEqual(value, { ...DEFAULTS, trustDomain: 'a.b' });
  assert.deepEqual(
    issues.map(({ code, severity, field, object }) => [code, severity, field?.at(-1), object?.kind]),
    [
      ['INVALID_VALUE', 'error', 'connectTimeout', 'ConfigMap'],
      ['INVALID_VALUE', 'error', 'enableAutoMtls', 'ConfigMap'],
      ['INVALID_VALUE', 'error', 'enforcement', 'ConfigMap'],
    ],
  );
});

test('fields of Istio that change nothing are told from fields that do not exist', () => {
  const { issues } = fromText('ingressClass: istio\nconectTimeout: 5s\n');
  assert.deepEqual(
    issues.map(({ code }) => code),
    ['NOT_ACTED_ON', 'UNKNOWN_FIELD'],
  );
});

test('text that is no YAML leaves what is below in force', () => {
  const { value, issues } = meshFrom({ rootNamespace: 'r', overlay: { trustDomain: 'a' }, configMap: configMap('a: [') });
  assert.equal(value.trustDomain, 'a');
  assert.deepEqual(
    issues.map(({ code }) => code),
    ['YAML_SYNTAX'],
  );
});

test('of a key given twice the last counts, with a warning', () => {
  const { value, issues } = fromText('outboundTrafficPolicy: {mode: ALLOW_ANY}\noutboundTrafficPolicy: {mode: REGISTRY_ONLY}\n');
  assert.equal(value.outboundTrafficPolicy.mode, 'REGISTRY_ONLY');
  assert.deepEqual(
    issues.map(({ code, severity }) => [code, severity]),
    [['YAML_DUPLICATE_KEY', 'warning']],
  );
});

test('options of ours are read beside Istio’s', () => {
  const { value } = fromText('sallyport: {enforcement: strict, dual_stack: true}');
  assert.deepEqual(value.sallyport, { ...SALLYPORT_DEFAULTS, enforcement: 'strict', dualStack: true });
});

test('the mesh row follows the ConfigMap of the root namespace and no other', () => {
  const registry = testRegistry({ rootNamespace: 'root' });
  const text = (namespace: string, domain: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: ${namespace}}\ndata: {mesh: "trustDomain: ${domain}"}\n`;
  registry.write(text('istio-system', 'wrong'));
  assert.equal(registry.outputs.mesh.get('mesh')?.trustDomain, 'cluster.local');
  registry.write(text('root', 'right'));
  assert.equal(registry.outputs.mesh.get('mesh')?.trustDomain, 'right');
  registry.setMesh({ trustDomain: 'overlaid', connectTimeout: '1s' });
  assert.equal(registry.outputs.mesh.get('mesh')?.trustDomain, 'right');
  assert.equal(registry.outputs.mesh.get('mesh')?.connectTimeout, '1s');
});

/** Fields of a vector’s text that we act on; a vector about others says nothing of us. */
function actedOn(text: string): readonly string[] | undefined {
  const { value } = readMeshText(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const names = Object.keys(value);
  const known = names.filter(
    (name) => Object.hasOwn(MESH_FIELDS, name) && name !== 'defaultConfig' && name !== 'defaultTrafficPolicy',
  );
  return known.length === names.length ? known : undefined;
}

/** A value as Istio prints it: a mode is an object, its zero value is left out, and durations are compared as numbers. */
function asIstio(name: string, value: unknown): unknown {
  const mode = typeof value === 'object' ? (value as { mode?: string } | undefined)?.mode : value;
  if (name === 'outboundTrafficPolicy' && mode === 'REGISTRY_ONLY') return {};
  if (name === 'inboundTrafficPolicy' && typeof value === 'string') return mode === 'PASSTHROUGH' ? {} : { mode };
  if (name === 'pathNormalization' && typeof value === 'string') return { normalization: value };
  return JSON.parse(JSON.stringify(value ?? null), (_, v) =>
    typeof v === 'string' ? (parseDuration(v) ?? v) : v === 0 ? undefined : v,
  );
}

/** Istio takes a port that no listener can have; here it is an error. */
const REFUSED_HERE = ['proxyHttpPort: 99999'];

test('mesh configurations are refused and read as Istio does, field by field', { skip: noVectors }, () => {
  const { defaults } = vectorsFile<{ defaults: Record<string, unknown> }>('functions/mesh-config.json');
  let compared = 0;
  for (const { args, result } of functionVectors('mesh-config', 'meshConfig')) {
    const text = args[0] as string;
    const fields = actedOn(text);
    if (fields === undefined || REFUSED_HERE.includes(text)) continue;
    compared += 1;
    const { value, issues } = fromText(text);
    assert.equal(errors(issues).length === 0, result.ok, `${text}: ${issues.map(({ message }) => message)}`);
    const changed = (result['changed'] ?? {}) as Record<string, unknown>;
    for (const name of result.ok ? fields : []) {
      if (changed[name] === null) continue; // An empty value, where ours keeps the default or says the same by an empty list.
      const ours = value[(name === 'meshMTLS' ? 'meshMtls' : name) as keyof MeshConfig];
      const theirs = name in changed ? changed[name] : defaults[name];
      if (ours === undefined && theirs === undefined) continue;
      assert.deepEqual(asIstio(name, ours), asIstio(name, theirs), text);
    }
  }
  assert.ok(compared > 60, `only ${compared} vectors compared`);
});
