import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Lab, startLab, WORLD } from './lab/index.ts';
import { run } from './lab/ran.ts';
import { type ControlPlane, SALLYPORT, startControlPlane } from './testing/control-plane.ts';
import { outboundPolicy, serviceEntry } from './testing/documents.ts';

const curl = (...args: string[]) => ['curl', '--silent', '--show-error', '--max-time', '10', ...args];
const status = curl('--output', '/dev/null', '--write-out', '%{http_code} %{http_connect}');
const tlsHost = WORLD.find(({ tls }) => tls !== undefined)!.hosts[0]!;
const httpHost = WORLD.find(({ http }) => http !== undefined)!.hosts[0]!;

describe('exec --mode proxy', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({
      mode: 'proxy',
      mesh: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
      config: {
        'http.yaml': serviceEntry('plain', httpHost),
        'tls.yaml': serviceEntry('tls', tlsHost, 443, 'TLS'),
      },
      workload: { namespace: 'shop' },
    });
  });
  after(() => lab?.close());

  test('forwards a request by its absolute form, and writes it into the access log', async () => {
    const from = lab.access().length;
    const { code, stdout } = await lab.exec([...status, `http://${httpHost}/`]);
    assert.deepEqual([code, stdout], [0, '200 000']);
    const record = await lab.waitAccess(({ authority }) => authority === httpHost, { from });
    assert.equal(record.response_code, 200);
    assert.equal(record.upstream_cluster, `outbound|80||${httpHost}`);
  });

  test('tunnels TLS to a declared host, whose certificate the application verifies', async () => {
    const { code, stdout, stderr } = await lab.exec([...status, '--cacert', lab.caFile, `https://${tlsHost}/`]);
    assert.deepEqual([code, stdout], [0, '200 200'], stderr);
    const record = await lab.waitAccess(({ method }) => method === 'CONNECT');
    assert.equal(record.upstream_cluster, `outbound|443||${tlsHost}`);
  });

  test('answers 404 to CONNECT for what is not declared: another host, another port, a port for HTTP', async () => {
    for (const to of ['undeclared.example.com', `${tlsHost}:8443`, `${httpHost}:80`, '198.51.100.99']) {
      const { code, stdout } = await lab.exec([...status, '--insecure', `https://${to}/`]);
      assert.deepEqual([code, stdout], [56, '000 404'], to);
    }
  });
});

describe('exec without a running workload', () => {
  let control: ControlPlane;
  const exec = (command: readonly string[], more: readonly string[] = []) =>
    run([...SALLYPORT, 'exec', '--runtime-dir', control.runtime, '--reach', 'lab', '-n', 'shop', ...more, '--', ...command]);
  before(async () => {
    control = await startControlPlane({
      'mesh.yaml': outboundPolicy('REGISTRY_ONLY'),
      'api.yaml': serviceEntry('api', 'api.example.com'),
    });
  });
  after(() => control?.close());

  test('makes one for the command, whose output and exit code are all that is left of it', async () => {
    const { code, stdout } = await exec(['sh', '-c', 'curl -s -o /dev/null -w "%{http_code}" http://203.0.113.7/; exit 7']);
    assert.deepEqual([code, stdout], [7, '502']);
    assert.deepEqual(await readdir(join(control.runtime, 'workloads')), []);
    while ((await control.admin.proxies()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test('gives the command no way around the proxy and none to its sockets', async () => {
    const mark = 'socket(S,PF_INET,SOCK_STREAM,0); print setsockopt(S,SOL_SOCKET,36,pack("l",1337)) ? "marked" : "refused: $!"';
    const marked = await exec(['perl', '-MSocket', '-e', mark]);
    assert.match(marked.stdout, /^refused: /);
    const sockets = await exec([
      'sh',
      '-c',
      `ls "${control.runtime}/admin" "${control.runtime}/xds"; find /tmp/sallyport-* -name admin.sock 2>/dev/null`,
    ]);
    assert.doesNotMatch(sockets.stdout, /\.sock/);
  });
});
