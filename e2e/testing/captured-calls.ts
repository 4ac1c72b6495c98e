// A laboratory from beginning to end, in a process of its own, so that it can run as another user: makes a namespace, puts stand-ins and an
// agent into it, calls from inside as an application, tears everything down, and prints what it saw as JSON.
// Arguments: variant, folder for files.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ConfinedOptions, confined, openNamespace, type Variant } from 'sallyport/agent/capture/index.ts';
import { findTool } from 'sallyport/agent/tools.ts';
import { clusters, discoveryResponse, listeners } from './agent-resources.ts';

export interface Saw {
  /** By name of the call: what curl or the program said, and its exit code. */
  readonly calls: Readonly<Record<string, { readonly code: number; readonly out: string }>>;
  readonly access: readonly string[];
  readonly logs: readonly string[];
  readonly holder: number;
  /** What the agent left in its directory. */
  readonly left: readonly string[];
}

const [variant, folder] = process.argv.slice(2) as [Variant, string];
const resources = join(folder, 'resources');
const agentFolder = join(folder, 'agent');
mkdirSync(resources, { recursive: true });
mkdirSync(agentFolder, { recursive: true, mode: 0o711 });
writeFileSync(join(resources, 'cds.json'), discoveryResponse(clusters()));
writeFileSync(join(resources, 'lds.json'), discoveryResponse(listeners(15001, 'REGISTRY_ONLY')));
const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
const request = [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:prime256v1',
  '-nodes',
  '-days',
  '2',
  '-subj',
  '/CN=stand-in',
];
execFileSync(findTool('openssl') ?? 'openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });

const namespace = await openNamespace({ variant, reach: 'lab' });
const lines: string[] = [];
const started: ChildProcess[] = [];

async function start(command: readonly string[], until: string): Promise<void> {
  const [file = '', ...args] = namespace.inside(command);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  child.stderr.on('data', (part) => lines.push(`log ${part}`));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line === until) resolve();
    });
    child.once('close', (code) => reject(new Error(`${command.join(' ')} ended with ${code}: ${lines.join('\n')}`)));
  });
}

const application: ConfinedOptions = { hide: [agentFolder], ...(variant === 'root' && { user: { uid: 65534, gid: 65534 } }) };

async function call(command: readonly string[], isConfined = true): Promise<{ code: number; out: string }> {
  const [file = '', ...args] = isConfined ? confined(namespace, command, application) : namespace.inside(command);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    out += part;
  });
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, out: out.trim() };
}

const curl = (...args: string[]) => [
  'curl',
  '--silent',
  '--show-error',
  '--max-time',
  '5',
  '--write-out',
  ' %{http_code}',
  ...args,
];
/** Connects to the address on port 80 from a socket with the mark. */
const marked = (address: string) => [
  'perl',
  '-MSocket',
  '-e',
  'socket(S,PF_INET,SOCK_STREAM,0); setsockopt(S,1,36,pack("l",1337)) or die "mark: $!\n"; connect(S,pack_sockaddr_in(80,inet_aton($ARGV[0]))) or die "connect: $!\n"; syswrite(S,"GET / HTTP/1.0\r\nHost: direct\r\n\r\n"); print <S>',
  address,
];
/** Sends a few octets to port 9999 and prints what comes back. */
const raw = (address: string) => [
  'perl',
  '-MSocket',
  '-e',
  'socket(S,PF_INET,SOCK_STREAM,0); connect(S,pack_sockaddr_in(9999,inet_aton($ARGV[0]))) or die "connect: $!\n"; syswrite(S,"hello\n"); print "<",<S>,">"',
  address,
];
/** Asks a server for a name over `udp` or `tcp`; prints the address, or the code of the answer. */
const ask = (how: 'udp' | 'tcp', server: string, name: string, type: 'A' | 'AAAA') => [
  'perl',
  '-MSocket=:all',
  '-e',
  ASK,
  how,
  server,
  name,
  type,
];
const ASK = `my ($how, $server, $name, $type) = @ARGV; my $v6 = $server =~ /:/;
my $to = $v6 ? pack_sockaddr_in6(53, inet_pton(AF_INET6, $server)) : pack_sockaddr_in(53, inet_aton($server));
socket(S, $v6 ? AF_INET6 : AF_INET, $how eq "udp" ? SOCK_DGRAM : SOCK_STREAM, 0); connect(S, $to) or die "connect: $!\n"; alarm 3;
my $query = pack("n6", 7, 0x100, 1, 0, 0, 0) . join("", map { pack("C/a", $_) } split /\\./, $name) . pack("Cn2", 0, $type eq "A" ? 1 : 28, 1);
syswrite(S, $how eq "udp" ? $query : pack("n/a", $query)); sysread(S, my $answer, 2000); $answer = substr($answer, 2) if $how eq "tcp";
my (undef, $flags, undef, $count) = unpack("n4", $answer);
print $count == 0 ? "code " . ($flags & 15) : $type eq "A" ? inet_ntoa(substr($answer, -4)) : inet_ntop(AF_INET6, substr($answer, -16));`;

const calls: Record<string, { code: number; out: string }> = {};
try {
  await start([process.execPath, fileURLToPath(import.meta.resolve('./stand-in.ts')), key, cert], 'listening');
  calls['before the agent'] = await call(curl('http://203.0.113.66/'));
  await start(
    [
      process.execPath,
      fileURLToPath(import.meta.resolve('./agent-process.ts')),
      JSON.stringify({
        variant,
        folder: agentFolder,
        resources,
        names: { 'api.example.test': ['198.51.100.10', '2001:db8::10'] },
      }),
    ],
    'ready',
  );
  calls['http by name'] = await call(curl('http://api.example.test/'));
  calls['http by Host'] = await call(curl('--header', 'Host: api.example.test', 'http://203.0.113.66/'));
  calls['http by Host over IPv6'] = await call(curl('--header', 'Host: api.example.test', 'http://[2001:db8:666::66]/'));
  calls['unknown host'] = await call(curl('--header', 'Host: other.example.test', 'http://203.0.113.66/'));
  calls['tls by SNI'] = await call(curl('--insecure', 'https://api.example.test/'));
  calls['unknown SNI'] = await call(
    curl('--insecure', '--resolve', 'other.example.test:443:203.0.113.66', 'https://other.example.test/'),
  );
  calls['raw tcp'] = await call(raw('203.0.113.66'));
  calls['the capture port'] = await call(curl('http://203.0.113.66:15001/'));
  calls['loopback'] = await call(curl('http://127.0.0.1/'));
  calls['dns over UDP'] = await call(ask('udp', '8.8.8.8', 'Api.Example.TEST', 'A'));
  calls['dns over TCP'] = await call(ask('tcp', '8.8.8.8', 'api.example.test', 'AAAA'));
  calls['dns over IPv6'] = await call(ask('udp', '2001:4860:4860::8888', 'api.example.test', 'A'));
  calls['dns of an unknown name'] = await call(ask('udp', '8.8.8.8', 'nobody.example.test', 'A'));
  calls['mark, confined'] = await call(marked('203.0.113.66'));
  calls['mark, with all rights'] = await call(marked('203.0.113.66'), false);
  calls['rules, confined'] = await call(['/usr/sbin/nft', 'flush', 'ruleset']);
  calls['new interface, confined'] = await call(['/usr/sbin/ip', 'link', 'set', 'lo', 'down']);
  calls['admin, with all rights'] = await call(
    ['curl', '--silent', '--unix-socket', join(agentFolder, 'envoy/admin.sock'), 'http://admin/ready'],
    false,
  );
  calls['admin, confined'] = await call([
    'curl',
    '--silent',
    '--show-error',
    '--unix-socket',
    join(agentFolder, 'envoy/admin.sock'),
    'http://admin/ready',
  ]);
  calls['folder, confined'] = await call([
    'sh',
    '-c',
    `ls -A ${agentFolder}; umount ${agentFolder}; unshare -Urm umount ${agentFolder}; ls -A ${agentFolder}/envoy`,
  ]);
  calls['metrics'] = await call(curl('--output', '/dev/null', 'http://127.0.0.1:15090/stats/prometheus'));
  calls['metrics of a cluster'] = await call([
    'sh',
    '-c',
    'curl --silent http://127.0.0.1:15090/stats/prometheus | grep ^envoy_cluster_upstream_cx_total',
  ]);
  calls['admin through metrics'] = await call(curl('--output', '/dev/null', 'http://127.0.0.1:15090/config_dump'));
  calls['shutdown through metrics'] = await call(
    curl('--output', '/dev/null', '--request', 'POST', 'http://127.0.0.1:15090/stats/prometheus'),
  );
  calls['health'] = await call(curl('http://127.0.0.1:15021/healthz/ready'));
  // Envoy looks at a file again when another one is moved to its place.
  writeFileSync(join(resources, 'next.json'), discoveryResponse(listeners(15001, 'ALLOW_ANY')));
  renameSync(join(resources, 'next.json'), join(resources, 'lds.json'));
  const direct = curl('--header', 'Host: other.example.test', 'http://203.0.113.66/');
  for (let i = 0; i < 50 && (await call(direct)).out === '502'; i += 1) await sleep(100);
  calls['unknown host, ALLOW_ANY'] = await call(direct);
  calls['unknown host over IPv6, ALLOW_ANY'] = await call(
    curl('--header', 'Host: other.example.test', 'http://[2001:db8:666::66]/'),
  );
  calls['unknown SNI, ALLOW_ANY'] = await call(
    curl('--insecure', '--resolve', 'other.example.test:443:203.0.113.66', 'https://other.example.test/'),
  );
  calls['the capture port, ALLOW_ANY'] = await call(curl('http://203.0.113.66:15001/'));
  calls['http by name, ALLOW_ANY'] = await call(curl('http://api.example.test/'));
  const health = JSON.parse(calls['health'].out.split('\n')[0] ?? '') as { readonly envoy: { readonly pid: number } };
  const look = ['ls', `/proc/${health.envoy.pid}/root/`];
  calls['the proxy’s files, with all rights'] = await call(look, false);
  calls['the proxy’s files, confined'] = await call(look);
  const agent = started.at(-1);
  agent?.kill('SIGTERM');
  await once(agent!, 'close');
  calls['after the agent'] = await call(curl('http://203.0.113.66/'));
} finally {
  await namespace.close();
}
const beginning = (start: string) => lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
const saw: Saw = {
  calls,
  access: beginning('access '),
  logs: beginning('log '),
  holder: namespace.holder,
  left: readdirSync(agentFolder),
};
console.log(JSON.stringify(saw));
