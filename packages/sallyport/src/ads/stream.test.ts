import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandShelves, Script } from './testing/script.ts';

const script = (): Script => new Script();

describe('subscribing (xDS protocol: "How the client specifies what resources to return")', () => {
  it('takes a first request without names for everything, where the type allows it', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1', b: '1' }).put('endpoints', { a: '1' });
    assert.deepEqual(s.ask('cluster'), ['cluster#1 +a=1 +b=1']);
    assert.deepEqual(s.ask('endpoints'), []);
  });

  it('takes the name * for everything', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' });
    assert.deepEqual(s.ask('cluster', { subscribe: ['*'] }), ['cluster#1 +a=1']);
  });

  it('answers a wildcard that covers nothing, so that the proxy can start', () => {
    assert.deepEqual(script().ask('listener'), ['listener#1']);
  });

  it('keeps the legacy wildcard when names come on top, and ends it with *', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' });
    s.ask('cluster');
    assert.deepEqual(s.ask('cluster', { nonce: '1', subscribe: ['lazy'] }), ['cluster#2 -lazy']);
    s.shelves.put('cluster', { b: '1' });
    s.ack('cluster', 2);
    assert.deepEqual(s.changed('cluster', 'b'), ['cluster#3 +b=1']);
    s.ask('cluster', { nonce: '3', unsubscribe: ['*'] });
    s.shelves.put('cluster', { c: '1', lazy: '1' });
    assert.deepEqual(s.changed('cluster', 'c', 'lazy'), ['cluster#4 +lazy=1']);
  });

  it('starts a wildcard later than the first request', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1', b: '1' });
    assert.deepEqual(s.ask('cluster', { subscribe: ['a'] }), ['cluster#1 +a=1']);
    assert.deepEqual(s.ask('cluster', { nonce: '1', subscribe: ['*'] }), ['cluster#2 +b=1']);
  });

  it('sends again what was unsubscribed and then comes back under a wildcard', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' });
    s.ask('cluster', { subscribe: ['a'] });
    s.ask('cluster', { nonce: '1', unsubscribe: ['a'] });
    assert.deepEqual(s.ask('cluster', { subscribe: ['*'] }), ['cluster#2 +a=1']);
    s.ask('cluster', { nonce: '2', unsubscribe: ['*'] });
    assert.deepEqual(s.ask('cluster', { subscribe: ['*'] }), ['cluster#3 +a=1']);
  });

  it('does not take an empty later request for a wildcard', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1', b: '1' });
    s.ask('cluster', { subscribe: ['a'] });
    s.ask('cluster', { nonce: '1', unsubscribe: ['a'] });
    assert.deepEqual(s.ask('cluster'), []);
  });

  it('says of a name that does not exist that it is removed, once, and sends it when it comes', () => {
    const s = script();
    assert.deepEqual(s.ask('endpoints', { subscribe: ['x'] }), ['endpoints#1 -x']);
    s.ack('endpoints', 1);
    assert.deepEqual(s.changed('endpoints', 'x'), []);
    s.shelves.put('endpoints', { x: '1' });
    assert.deepEqual(s.changed('endpoints', 'x'), ['endpoints#2 +x=1']);
  });

  it('gives a placeholder for a name that does not exist, where its type has one, and what comes takes its place', () => {
    const s = script();
    assert.deepEqual(s.ask('route', { subscribe: ['80', '81'] }), ['route#1 +80=empty +81=empty']);
    s.ack('route', 1);
    assert.deepEqual(s.changed('route', '80'), []);
    s.shelves.put('route', { 80: '1' });
    assert.deepEqual(s.changed('route', '80'), ['route#2 +80=1']);
    s.ack('route', 2);
    // The proxy drops what it has only with the listener that asks for it.
    s.shelves.remove('route', '80');
    assert.deepEqual(s.changed('route', '80'), ['route#3 -80']);
    s.ack('route', 3);
    assert.deepEqual(s.ask('route', { subscribe: ['80'] }), ['route#4 +80=empty']);
  });

  it('knows a placeholder again that the proxy has from an earlier stream', () => {
    const s = script();
    assert.deepEqual(s.ask('route', { subscribe: ['80'], initial: { 80: 'empty' } }), []);
  });

  it('sends a name again that is subscribed again: the proxy may have forgotten it', () => {
    const s = script();
    s.shelves.put('endpoints', { x: '1' });
    s.ask('endpoints', { subscribe: ['x'] });
    assert.deepEqual(s.ask('endpoints', { nonce: '1', subscribe: ['x'] }), ['endpoints#2 +x=1']);
  });

  it('does not send what was unsubscribed, also when it was on its way', () => {
    const s = script();
    s.shelves.put('endpoints', { x: '1', y: '1' });
    s.ask('endpoints', { subscribe: ['x', 'y'] });
    s.shelves.put('endpoints', { x: '2', y: '2' });
    s.changed('endpoints', 'x', 'y');
    assert.deepEqual(s.ask('endpoints', { nonce: '1', unsubscribe: ['x'] }), ['endpoints#2 +y=2']);
  });

  it('answers a name again that is unsubscribed while a wildcard covers it', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' });
    s.ask('cluster');
    s.ask('cluster', { nonce: '1', subscribe: ['a', 'b'] });
    s.ack('cluster', 2);
    assert.deepEqual(s.ask('cluster', { unsubscribe: ['a', 'b'] }), ['cluster#3 +a=1 -b']);
  });

  it('tells of a type it does not know that there is none', () => {
    const s = script();
    assert.deepEqual(s.ask('type.example/Thing', { subscribe: ['x'] }), ['type.example/Thing#1 -x']);
    assert.deepEqual(s.ask('type.example/Other'), ['type.example/Other#2']);
  });
});

describe('reconnecting (xDS protocol: "initial_resource_versions")', () => {
  it('sends nothing that the proxy has already', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1', b: '2' }).put('endpoints', { a: '7' });
    assert.deepEqual(s.ask('cluster', { initial: { a: '1', b: '2' } }), []);
    assert.deepEqual(s.ask('endpoints', { subscribe: ['a'], initial: { a: '7' } }), []);
  });

  it('sends what changed, and removes what is gone', () => {
    const s = script();
    s.shelves.put('cluster', { a: '2', c: '1' });
    assert.deepEqual(s.ask('cluster', { initial: { a: '1', b: '1' } }), ['cluster#1 +a=2 +c=1']);
    assert.deepEqual(s.ack('cluster', 1), ['cluster#2 -b']);
  });

  it('sends the endpoints of a cluster that changed meanwhile, also when they are the same', () => {
    const s = script();
    s.shelves.put('cluster', { a: '2', b: '1' }).put('endpoints', { a: '1', b: '1' });
    assert.deepEqual(s.ask('cluster', { initial: { a: '1', b: '1' } }), ['cluster#1 +a=2']);
    assert.deepEqual(s.ask('endpoints', { subscribe: ['a', 'b'], initial: { a: '1', b: '1' } }), ['endpoints#2 +a=1']);
  });

  it('ignores versions of names that are not subscribed', () => {
    const s = script();
    assert.deepEqual(s.ask('endpoints', { subscribe: ['x'], initial: { y: '1' } }), ['endpoints#1 -x']);
    assert.deepEqual(s.ack('endpoints', 1), []);
  });

  it('ignores nonces of an earlier stream', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' });
    s.ask('cluster');
    assert.deepEqual(s.ask('cluster', { nonce: '99', error: { code: 3, message: 'old' } }), []);
    assert.deepEqual(s.rejected, []);
  });
});

describe('order (xDS protocol: "Eventual consistency considerations")', () => {
  const everything = (): Script => {
    const s = script();
    s.shelves.put('cluster', { a: '1' }).put('endpoints', { a: '1' }).put('listener', { l: '1' }).put('route', { r: '1' });
    s.ask('cluster');
    s.ask('endpoints', { nonce: '', subscribe: ['a'] });
    s.ack('cluster', 1);
    s.ack('endpoints', 2);
    s.ask('listener');
    s.ack('listener', 3);
    s.ask('route', { subscribe: ['r'] });
    s.ack('route', 4);
    return s;
  };

  it('sends clusters and endpoints, then listeners, then routes, each after the acknowledgement of those before', () => {
    const s = everything();
    s.shelves.put('cluster', { b: '1' }).put('listener', { l: '2' }).put('route', { r: '2' });
    assert.deepEqual(s.changed('route', 'r'), ['route#5 +r=2']);
    s.ack('route', 5);
    s.shelves.put('route', { r: '3' });
    s.event({ kind: 'changed', url: urlRoute, names: ['r'] });
    s.event({ kind: 'changed', url: urlListener, names: ['l'] });
    assert.deepEqual(s.changed('cluster', 'b'), ['cluster#6 +b=1']);
    assert.deepEqual(s.ack('cluster', 6), ['listener#7 +l=2']);
    assert.deepEqual(s.ack('listener', 7), ['route#8 +r=3']);
  });

  it('answers endpoints although their cluster is not acknowledged: the proxy acknowledges it when they have come', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' }).put('endpoints', { a: '1' });
    assert.deepEqual(s.ask('cluster'), ['cluster#1 +a=1']);
    assert.deepEqual(s.ask('endpoints', { subscribe: ['a'] }), ['endpoints#2 +a=1']);
  });

  it('sends the endpoints of a changed cluster again right behind it', () => {
    const s = everything();
    s.shelves.put('cluster', { a: '2' });
    assert.deepEqual(s.changed('cluster', 'a'), ['cluster#5 +a=2', 'endpoints#6 +a=1']);
  });

  it('removes in the reverse order, after everything new is in place', () => {
    const s = everything();
    s.shelves.put('cluster', { b: '1' });
    s.shelves.remove('cluster', 'a');
    s.shelves.remove('endpoints', 'a');
    s.shelves.remove('listener', 'l');
    s.shelves.remove('route', 'r');
    for (const url of [urlListener, urlRoute]) s.event({ kind: 'changed', url, names: ['l', 'r'] });
    s.event({ kind: 'changed', url: urlEndpoints, names: ['a'] });
    assert.deepEqual(s.changed('cluster', 'a', 'b'), ['cluster#5 +b=1']);
    assert.deepEqual(s.ack('cluster', 5), ['route#6 -r']);
    assert.deepEqual(s.ack('route', 6), ['listener#7 -l']);
    assert.deepEqual(s.ack('listener', 7), ['endpoints#8 -a']);
    assert.deepEqual(s.ack('endpoints', 8), ['cluster#9 -a']);
  });

  it('does not remove what came back before its turn', () => {
    const s = everything();
    s.shelves.put('listener', { l: '2' });
    s.shelves.remove('cluster', 'a');
    s.event({ kind: 'changed', url: urlListener, names: ['l'] });
    assert.deepEqual(s.changed('cluster', 'a'), ['listener#5 +l=2']);
    s.shelves.put('cluster', { a: '1' });
    s.changed('cluster', 'a');
    assert.deepEqual(s.ack('listener', 5), []);
  });

  it('does not wait for ever: when an acknowledgement is overdue the next type goes', () => {
    const s = everything();
    s.shelves.put('cluster', { b: '1' }).put('route', { r: '2' });
    s.event({ kind: 'changed', url: urlRoute, names: ['r'] });
    assert.deepEqual(s.changed('cluster', 'b'), ['cluster#5 +b=1']);
    s.event({ kind: 'overdue' });
    assert.deepEqual(s.sends(), ['route#6 +r=2']);
    s.ack('route', 6);
    s.ack('cluster', 5);
    s.shelves.put('cluster', { b: '2' }).put('route', { r: '3' });
    s.event({ kind: 'changed', url: urlRoute, names: ['r'] });
    assert.deepEqual(s.changed('cluster', 'b'), ['cluster#7 +b=2']);
  });

  it('lets secrets and name tables through at any time', () => {
    const s = everything();
    s.shelves.put('cluster', { b: '1' }).put('secret', { s: '1' }).put('nameTable', { n: '1' });
    s.changed('cluster', 'b');
    assert.deepEqual(s.ask('secret', { subscribe: ['s'] }), ['secret#6 +s=1']);
    assert.deepEqual(s.ask('nameTable'), ['nameTable#7 +n=1']);
  });
});

describe('merging', () => {
  it('sends only the last of several changes that happen while an answer is missing', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' });
    s.ask('cluster');
    for (const version of ['2', '3', '4']) {
      s.shelves.put('cluster', { a: version });
      assert.deepEqual(s.changed('cluster', 'a'), []);
    }
    assert.deepEqual(s.ack('cluster', 1), ['cluster#2 +a=4']);
  });

  it('does not send what went back to what the proxy has', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' });
    s.ask('cluster');
    s.shelves.put('cluster', { a: '2' });
    s.changed('cluster', 'a');
    s.shelves.put('cluster', { a: '1' });
    s.changed('cluster', 'a');
    assert.deepEqual(s.ack('cluster', 1), []);
  });

  it('forgets a name that came and went before anybody heard of it', () => {
    const s = script();
    s.ask('cluster');
    s.shelves.put('cluster', { a: '1' });
    s.changed('cluster', 'a');
    s.shelves.remove('cluster', 'a');
    s.changed('cluster', 'a');
    assert.deepEqual(s.ack('cluster', 1), []);
  });

  it('cuts a batch into responses of 256 KB that do not wait for each other, and sends a large resource alone', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1', b: '1', c: '1' }, 100_000).put('cluster', { huge: '1' }, 9_000_000);
    assert.deepEqual(s.ask('cluster'), ['cluster#1 +a=1 +b=1', 'cluster#2 +c=1', 'cluster#3 +huge=1']);
  });

  it('sends at most one response in a turn', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1', b: '1' }, 200_000);
    s.event({
      kind: 'request',
      request: { typeUrl: urlCluster, subscribe: [], unsubscribe: [], nonce: '', initialVersions: [] },
    });
    assert.equal(s.turn(), 'cluster#1 +a=1');
    s.shelves.put('cluster', { b: '2' });
    s.event({ kind: 'changed', url: urlCluster, names: ['b'] });
    assert.equal(s.turn(), 'cluster#2 +b=2');
    assert.equal(s.turn(), undefined);
    assert.deepEqual(s.ack('cluster', 1), []);
    assert.deepEqual(s.ack('cluster', 2), []);
  });
});

describe('another class', () => {
  it('sends what is different there, and takes away what is not there', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1', b: '1' });
    s.ask('cluster');
    s.ack('cluster', 1);
    s.shelves.put('cluster', { a: '2', c: '1' });
    s.shelves.remove('cluster', 'b');
    s.event({ kind: 'moved' });
    assert.deepEqual(s.sends(), ['cluster#2 +a=2 +c=1']);
    assert.deepEqual(s.ack('cluster', 2), ['cluster#3 -b']);
  });
});

describe('rejections', () => {
  const serving = (versions: Record<string, string>): Script => {
    const s = script();
    s.shelves.put('cluster', versions);
    s.ask('cluster');
    return s;
  };

  it('takes the culprit from the text, and sends the others again', () => {
    const s = serving({ a: '1', b: '1', c: '1' });
    const sent = s.nack('cluster', 1, 'Error adding/updating cluster(s) b: malformed IP address: x');
    assert.deepEqual(sent, ['cluster#2 +a=1 +c=1']);
    assert.deepEqual(s.rejected, ['b=1: malformed IP address: x']);
    assert.deepEqual(s.ack('cluster', 2), []);
  });

  it('takes the only resource of a response for the culprit', () => {
    const s = serving({ a: '1' });
    assert.deepEqual(s.nack('cluster', 1, 'Invalid duration goo.gle/debugstr  seconds: -5'), []);
    assert.deepEqual(s.rejected, ['a=1: Invalid duration seconds: -5']);
  });

  it('halves a response without a name until the culprit is found, and delivers all others', () => {
    const s = serving({ a: '1', b: '1', c: '1', d: '1' });
    assert.deepEqual(s.nack('cluster', 1, 'bad duration'), ['cluster#2 +a=1 +b=1']);
    assert.deepEqual(s.ack('cluster', 2), ['cluster#3 +c=1 +d=1']);
    assert.deepEqual(s.nack('cluster', 3, 'bad duration'), ['cluster#4 +c=1']);
    assert.deepEqual(s.nack('cluster', 4, 'bad duration'), ['cluster#5 +d=1']);
    assert.deepEqual(s.ack('cluster', 5), []);
    assert.deepEqual(s.rejected, ['', '', 'c=1: bad duration']);
  });

  it('does not send a rejected version again, and sends the next one', () => {
    const s = serving({ a: '1' });
    s.nack('cluster', 1, 'no');
    assert.deepEqual(s.changed('cluster', 'a'), []);
    s.shelves.put('cluster', { a: '2' });
    assert.deepEqual(s.changed('cluster', 'a'), ['cluster#2 +a=2']);
  });

  it('keeps the last good version: going back to it sends nothing', () => {
    const s = serving({ a: '1' });
    s.ack('cluster', 1);
    s.shelves.put('cluster', { a: '2' });
    s.changed('cluster', 'a');
    assert.deepEqual(s.nack('cluster', 2, 'no'), []);
    s.shelves.put('cluster', { a: '1' });
    assert.deepEqual(s.changed('cluster', 'a'), []);
  });

  it('tells a proxy that waits for a name whose only version it rejected that there is none', () => {
    const s = script();
    s.shelves.put('endpoints', { x: '1' });
    s.ask('endpoints', { subscribe: ['x'] });
    assert.deepEqual(s.nack('endpoints', 1, 'no'), ['endpoints#2 -x']);
  });

  it('repeats a removal that came with a rejected response', () => {
    const s = script();
    s.shelves.put('endpoints', { x: '1' });
    assert.deepEqual(s.ask('endpoints', { subscribe: ['x', 'y'] }), ['endpoints#1 +x=1 -y']);
    assert.deepEqual(s.nack('endpoints', 1, 'no'), ['endpoints#2 -x -y']);
  });

  it('takes a removal that is rejected alone as done', () => {
    const s = serving({ a: '1', b: '1' });
    s.ack('cluster', 1);
    s.shelves.remove('cluster', 'a');
    assert.deepEqual(s.changed('cluster', 'a'), ['cluster#2 -a']);
    assert.deepEqual(s.nack('cluster', 2, 'will not'), []);
    assert.deepEqual(s.rejected, ['']);
    s.shelves.put('cluster', { a: '1' });
    assert.deepEqual(s.changed('cluster', 'a'), ['cluster#3 +a=1']);
  });

  it('applies what a rejection subscribes to', () => {
    const s = script();
    s.shelves.put('endpoints', { x: '1', y: '1' });
    s.ask('endpoints', { subscribe: ['x'] });
    const sent = s.ask('endpoints', { nonce: '1', error: { code: 3, message: 'no' }, subscribe: ['y'] });
    assert.deepEqual(sent, ['endpoints#2 +y=1 -x']);
  });

  it('holds listeners back while the culprit among the clusters is looked for', () => {
    const s = serving({ a: '1', b: '1' });
    s.shelves.put('listener', { l: '1' });
    assert.deepEqual(s.ask('listener'), []);
    assert.deepEqual(s.nack('cluster', 1, 'no'), ['cluster#2 +a=1']);
    assert.deepEqual(s.ack('cluster', 2), ['cluster#3 +b=1']);
    assert.deepEqual(s.nack('cluster', 3, 'no'), ['listener#4 +l=1']);
  });

  it('sends nothing in place of a version that is withheld from the class', () => {
    const s = serving({ a: '1' });
    s.ack('cluster', 1);
    s.shelves.withhold('cluster', 'a');
    assert.deepEqual(s.changed('cluster', 'a'), []);
    const newcomer = new Script(s.shelves);
    assert.deepEqual(newcomer.ask('cluster'), ['cluster#1']);
  });

  it('rolls back to what was there before the first of two rejected responses', () => {
    const s = serving({ a: '1' });
    s.ack('cluster', 1);
    s.shelves.put('cluster', { a: '2' });
    s.changed('cluster', 'a');
    s.event({ kind: 'overdue' });
    s.shelves.put('cluster', { a: '3' });
    assert.deepEqual(s.changed('cluster', 'a'), ['cluster#3 +a=3']);
    s.nack('cluster', 2, 'no');
    s.nack('cluster', 3, 'no');
    s.shelves.put('cluster', { a: '1' });
    assert.deepEqual(s.changed('cluster', 'a'), []);
  });
});

describe('step', () => {
  it('leaves the state it was given as it was', () => {
    const shelves = new HandShelves().put('cluster', { a: '1', b: '1' });
    const s = new Script(shelves);
    s.ask('cluster');
    const before = s.state;
    const again = new Script(shelves);
    shelves.put('cluster', { a: '2' });
    s.changed('cluster', 'a');
    s.ack('cluster', 1);
    again.state = before;
    assert.deepEqual(again.nack('cluster', 1, 'no'), ['cluster#2 +a=2']);
    assert.equal(before.types.get(urlCluster)?.sent.get('a'), '1');
  });
});

const urlCluster = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const urlEndpoints = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';
const urlListener = 'type.googleapis.com/envoy.config.listener.v3.Listener';
const urlRoute = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';

describe('endpoints that are not known yet', () => {
  it('are not sent, and not said to be absent, while they are looked up', () => {
    const s = script();
    s.shelves.putUnknown('endpoints', 'a', 'hold');
    assert.deepEqual(s.ask('endpoints', { subscribe: ['a'] }), []);
    s.shelves.put('endpoints', { a: '1' });
    assert.deepEqual(s.changed('endpoints', 'a'), ['endpoints#1 +a=1']);
  });

  it('do not hold up what does not depend on them', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' }).put('listener', { l: '1' });
    s.shelves.putUnknown('endpoints', 'a', 'hold');
    s.ask('cluster');
    s.ask('endpoints', { subscribe: ['a'] });
    s.ack('cluster', 1);
    assert.deepEqual(s.ask('listener'), ['listener#2 +l=1']);
  });

  it('are an empty set for a new proxy when nobody answers, and leave one that comes back what it has', () => {
    const [fresh, back] = [script(), script()];
    for (const s of [fresh, back]) s.shelves.putUnknown('endpoints', 'a', 'keep');
    assert.deepEqual(fresh.ask('endpoints', { subscribe: ['a'] }), ['endpoints#1 +a=empty']);
    assert.deepEqual(back.ask('endpoints', { subscribe: ['a'], initial: { a: '7' } }), []);
    back.shelves.put('endpoints', { a: '8' });
    assert.deepEqual(back.changed('endpoints', 'a'), ['endpoints#1 +a=8']);
  });

  it('are not put in the place of known ones behind a changed cluster, which warms until they are known', () => {
    const s = script();
    s.shelves.put('cluster', { a: '1' }).put('endpoints', { a: '1' });
    s.ask('cluster');
    s.ask('endpoints', { subscribe: ['a'] });
    s.ack('cluster', 1);
    s.ack('endpoints', 2);
    s.shelves.put('cluster', { a: '2' });
    s.shelves.putUnknown('endpoints', 'a', 'keep');
    assert.deepEqual(s.changed('cluster', 'a'), ['cluster#3 +a=2']);
    s.shelves.put('endpoints', { a: '1' });
    assert.deepEqual(s.changed('endpoints', 'a'), ['endpoints#4 +a=1']);
  });
});
