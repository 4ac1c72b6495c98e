import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blamed, cleanDetail } from './nack.ts';

const sent = ['outbound|80||a.example', 'outbound|80||b.example', 'b.example', 'l1', 'l11'].map((name) => ({ name }));
const check = (text: string, expected: Record<string, string>): void =>
  assert.deepEqual(Object.fromEntries(blamed(text, sent)), expected);

describe('the names in a rejection', () => {
  it('are found one by one, each with its reason', () => {
    check(
      'Error adding/updating cluster(s) outbound|80||a.example: malformed IP address: not.an.ip. Consider setting resolver_name, outbound|80||b.example: hosts: none',
      {
        'outbound|80||a.example': 'malformed IP address: not.an.ip. Consider setting resolver_name',
        'outbound|80||b.example': 'hosts: none',
      },
    );
  });

  it('of listeners stand on lines of their own', () => {
    check("Error adding/updating listener(s) l11: cannot bind '0.0.0.0:80'\nl1: has duplicate address\n", {
      l11: "cannot bind '0.0.0.0:80'",
      l1: 'has duplicate address',
    });
  });

  it('are not taken from inside another name or from a reason', () => {
    check('Error adding/updating listener(s) xl1: conflicts with l1: see there', {});
  });

  it('are not believed when they were not sent, or when the text is of another kind', () => {
    check('Error adding/updating cluster(s) other: no', {});
    check('Proto constraint validation failed (l1: value must be greater than 0)', {});
  });

  it('cost little to look for in a long hostile text', () => {
    const text = `Error adding/updating cluster(s) ${'b.example: '.repeat(500_000)}`;
    const started = performance.now();
    blamed(text, sent);
    assert.ok(performance.now() - started < 1_000);
  });
});

describe('the words of a rejection', () => {
  it('lose the random mark of protobuf, line ends and control characters', () => {
    assert.equal(
      cleanDetail('Invalid duration: Expected positive duration: goo.gle/debugonly    \nseconds: -5\n\u001b[31m'),
      'Invalid duration: Expected positive duration: seconds: -5 [31m',
    );
  });

  it('are the reason alone where Envoy prints the whole resource before it', () => {
    const resource = `goo.gle/debugproto  \nname: "a"\n${'type: STRICT_DNS\n'.repeat(300)}`;
    const reason = 'Proto constraint validation failed (ClusterValidationError.Type: value must be less)';
    assert.equal(cleanDetail(`${resource}: ${reason}`), reason);
  });

  it('are cut at 2,048 characters', () => {
    assert.equal(cleanDetail('x'.repeat(1_000_000)).length, 2_048);
  });
});
