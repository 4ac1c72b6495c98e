// A namespace with a way out, opened from inside a laboratory that plays the outside world. Prints what was seen as JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execIn, openNamespace } from 'sallyport/agent/capture/index.ts';

const user = { uid: 65534, gid: 65534 };
const namespace = await openNamespace({ variant: 'root', reach: 'outside' });
const calls: Record<string, string> = {};
try {
  for (const address of ['198.51.100.10:80', '127.0.0.1:80', '127.0.0.1:81', '192.0.2.254:81']) {
    const [file = '', ...args] = namespace.inside([
      'curl',
      '--silent',
      '--max-time',
      '2',
      '--write-out',
      ' %{http_code}',
      `http://${address}/`,
    ]);
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (part) => {
      out += part;
    });
    await once(child, 'close');
    calls[address] = out.trim();
  }
  calls['exit code'] = String(await execIn(namespace, ['sh', '-c', 'exit 7'], { user }));
  calls['signal'] = String(await execIn(namespace, ['sh', '-c', 'kill -TERM $$'], { user }));
  calls['user'] = String(await execIn(namespace, ['sh', '-c', 'exit $(id -u | cut -c1-2)'], { user }));
} finally {
  await namespace.close();
}
console.log(JSON.stringify(calls));
