import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shelf } from '../testing/files.ts';

const policy = (spec: string) =>
  `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: shop}\nspec: ${spec}\n`;

/** Findings on a policy as `CODE field`. */
function said(spec: string): readonly string[] {
  const files = shelf();
  files.put('p.yaml', policy(spec));
  return files.store.issues().map(({ code, field }) => `${code} ${field?.join('.')}`);
}

test('what allows, denies or asks for everything there is raises nothing', () => {
  assert.deepEqual(said('{}'), []);
  assert.deepEqual(said('{action: DENY, rules: [{}]}'), []);
  assert.deepEqual(
    said(`{selector: {matchLabels: {app: web}}, rules: [{from: [{source: {namespaces: [shop], notIpBlocks: [10.0.0.0/8]}}],
      to: [{operation: {hosts: [api.example.com, "*.example.org"], ports: ["80"], paths: ["/a/*", "/b/{*}/{**}"]}}],
      when: [{key: "request.headers[x-team]", values: [a]}, {key: destination.port, notValues: ["81"]}]}]}`),
    [],
  );
});

test('what means nothing is refused where it stands', () => {
  for (const [spec, expected] of [
    ['{action: DENY}', 'MISSING_FIELD spec.rules'],
    ['{action: CUSTOM, rules: [{}]}', 'MISSING_FIELD spec.provider.name'],
    ['{provider: {name: x}}', 'INVALID_VALUE spec.provider'],
    ['{selector: {matchLabels: {a: b}}, targetRef: {kind: Service, name: g}}', 'INVALID_VALUE spec'],
    ['{rules: [{from: [{source: {}}]}]}', 'MISSING_FIELD spec.rules.0.from.0.source'],
    ['{targetRef: {kind: Gateway, name: g}}', 'INVALID_VALUE spec.targetRef'],
    ['{action: DENY, rules: [{to: [{operation: {paths: [/a]}}]}]}', 'INEFFECTIVE spec.rules.0'],
    ['{rules: [{to: [{}]}]}', 'MISSING_FIELD spec.rules.0.to.0.operation'],
    ['{rules: [{from: [{source: {ipBlocks: [10.0.0.300]}}]}]}', 'INVALID_VALUE spec.rules.0.from.0.source.ipBlocks.0'],
    ['{rules: [{from: [{source: {principals: [""]}}]}]}', 'INVALID_VALUE spec.rules.0.from.0.source.principals.0'],
    ['{rules: [{from: [{source: {serviceAccounts: [a], namespaces: [b]}}]}]}', 'INVALID_VALUE spec.rules.0.from.0.source'],
    ['{rules: [{to: [{operation: {ports: ["0"]}}]}]}', 'INVALID_VALUE spec.rules.0.to.0.operation.ports.0'],
    ['{rules: [{to: [{operation: {paths: ["/{**}/{**}"]}}]}]}', 'INVALID_VALUE spec.rules.0.to.0.operation.paths.0'],
    ['{rules: [{when: [{key: nothing, values: [a]}]}]}', 'INVALID_VALUE spec.rules.0.when.0.key'],
    ['{rules: [{when: [{key: source.ip}]}]}', 'MISSING_FIELD spec.rules.0.when.0.values'],
  ] as const)
    assert.deepEqual(said(spec), [expected], spec);
});
