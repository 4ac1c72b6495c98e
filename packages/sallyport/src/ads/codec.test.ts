import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contentHash } from '../lib/hash.ts';
import { parseNode } from './node.ts';
import { decodeRequest } from './request.ts';
import { encodeResponse } from './response.ts';
import { readResponse, requestBytes } from './testing/messages.ts';
import { urlOf } from './types.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });
const texts = fc.array(text, { maxLength: 5 });

describe('requests', () => {
  it('are read as the generated code writes them', () => {
    const versions = fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      text,
    );
    fc.assert(
      fc.property(text, texts, texts, versions, text, (typeUrl, subscribe, unsubscribe, initial, nonce) => {
        const bytes = requestBytes({
          typeUrl,
          resourceNamesSubscribe: subscribe,
          resourceNamesUnsubscribe: unsubscribe,
          initialResourceVersions: initial,
          responseNonce: nonce,
        });
        const request = decodeRequest(bytes);
        assert.deepEqual(request, { typeUrl, subscribe, unsubscribe, initialVersions: Object.entries(initial), nonce });
      }),
    );
  });

  it('carry the node and the reason of a rejection', () => {
    const bytes = requestBytes({ node: { id: 'sidecar~1.2.3.4~a.b~c' }, errorDetail: { code: 13, message: 'no' } });
    const request = decodeRequest(bytes);
    assert.deepEqual(request.error, { code: 13, message: 'no' });
    assert.equal(parseNode(request.node ?? new Uint8Array()).id, 'sidecar~1.2.3.4~a.b~c');
  });

  it('that are garbage are refused with a RangeError, never otherwise and never slowly', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          decodeRequest(bytes);
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('that are cut off are refused or hold a part of the whole', () => {
    const whole = requestBytes({
      typeUrl: urlOf.cluster,
      resourceNamesSubscribe: ['a', 'b'],
      initialResourceVersions: { a: '1' },
    });
    for (let end = 0; end < whole.length; end += 1) {
      try {
        assert.ok(decodeRequest(whole.subarray(0, end)).subscribe.length <= 2);
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }
  });
});

describe('nodes', () => {
  const node = (init: Parameters<typeof requestBytes>[0]['node']): Uint8Array =>
    decodeRequest(requestBytes({ node: init })).node ?? new Uint8Array();

  it('tell who the proxy is', () => {
    const parsed = parseNode(
      node({
        id: 'router~1.1.1.1~gw.ns~ns.svc.cluster.local',
        cluster: 'gw.ns',
        metadata: { NAMESPACE: 'ns', LABELS: { app: 'gw' } },
        locality: { region: 'r', zone: 'z', subZone: 's' },
        userAgentName: 'envoy',
        userAgentVersionType: {
          case: 'userAgentBuildVersion',
          value: { version: { majorNumber: 1, minorNumber: 40, patch: 0 } },
        },
      }),
    );
    assert.deepEqual(parsed, {
      id: 'router~1.1.1.1~gw.ns~ns.svc.cluster.local',
      cluster: 'gw.ns',
      metadata: { NAMESPACE: 'ns', LABELS: { app: 'gw' } },
      locality: { region: 'r', zone: 'z', subZone: 's' },
      userAgent: 'envoy/1.40.0',
    });
  });

  it('without an id, too large or nested too deeply are refused', () => {
    let deep: Record<string, unknown> = {};
    for (let depth = 0; depth < 60; depth += 1) deep = { a: deep };
    assert.throws(() => parseNode(node({})), /no id/);
    assert.throws(() => parseNode(node({ id: 'x', metadata: deep as Record<string, never> })), /recursion/);
    assert.throws(() => parseNode(node({ id: 'x', cluster: 'y'.repeat(2_000_000) })), /bytes/);
  });
});

describe('responses', () => {
  it('are what the generated code reads, whatever the sizes', () => {
    const resource = fc.record({ name: text, content: fc.string({ maxLength: 200 }), repeat: fc.constantFrom(1, 50, 3000) });
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 6 }), texts, fc.nat(), (resources, remove, nonce) => {
        const put = resources.map(({ name, content, repeat }) => {
          const body = content.repeat(repeat);
          return { type: 'cluster' as const, name, version: contentHash(body), bytes: Buffer.from(body) };
        });
        const response = readResponse(
          encodeResponse({ typeUrl: urlOf.cluster, nonce: String(nonce), systemVersion: '7', put, remove }),
        );
        assert.deepEqual(response, {
          type: 'cluster',
          url: urlOf.cluster,
          nonce: String(nonce),
          resources: put.map(({ name, version, bytes }) => ({ name, version, content: bytes.toString() })),
          removed: remove,
        });
      }),
    );
  });
});
