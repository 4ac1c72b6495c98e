import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHttp, isHttp2, isTcp, isTls } from '../model/index.ts';
import { kubernetesProtocol, parseProtocol } from './protocol.ts';
import { functionVectors, noVectors } from './testing/conformance.ts';

/** Istio's word for one of ours. */
const ISTIO: Readonly<Record<string, string>> = {
  auto: 'UnsupportedProtocol',
  'grpc-web': 'GRPC-Web',
  'http-proxy': 'HTTP_PROXY',
  mongo: 'Mongo',
  redis: 'Redis',
  mysql: 'MySQL',
};
const istioWord = (protocol: string) => ISTIO[protocol] ?? protocol.toUpperCase();

test('protocol words are read in any case, and a word that is none is told from no word', () => {
  assert.equal(parseProtocol('Http_Proxy'), 'http-proxy');
  assert.equal(parseProtocol(''), 'auto');
  assert.equal(parseProtocol(undefined), 'auto');
  assert.equal(parseProtocol('HBONE'), undefined);
});

test('an empty appProtocol hides the port name', () => {
  assert.equal(kubernetesProtocol({ port: 80, name: 'http', appProtocol: '' }), 'auto');
  assert.equal(kubernetesProtocol({ port: 3306, name: 'x' }), 'tcp');
});

test('protocols are parsed and grouped as Istio does', { skip: noVectors }, () => {
  for (const { args, result } of functionVectors('protocols', 'parseProtocol')) {
    const protocol = parseProtocol(args[0] as string) ?? 'auto';
    assert.equal(istioWord(protocol), result.value, `${args[0]}`);
    assert.deepEqual(
      { http: isHttp(protocol), http2: isHttp2(protocol), tcp: isTcp(protocol), tls: isTls(protocol) },
      { http: result['http'], http2: result['http2'], tcp: result['tcp'], tls: result['tls'] },
      `${args[0]}`,
    );
  }
});

test('protocols that validation takes are those that can be parsed', { skip: noVectors }, () => {
  for (const { args, result } of functionVectors('protocols', 'validateProtocol'))
    assert.equal(parseProtocol(args[0] as string) !== undefined, result.ok, `${args[0]}`);
});

test('ports of Kubernetes Services have the protocol that Istio gives them', { skip: noVectors }, () => {
  for (const { args, result } of functionVectors('protocols', 'kubeServicePortProtocol')) {
    const [port, name, protocol, appProtocol] = args as [number, string, string, string | null];
    const found = kubernetesProtocol({ port, name, protocol, ...(appProtocol !== null && { appProtocol }) });
    assert.equal(istioWord(found), result.value, JSON.stringify(args));
  }
});
