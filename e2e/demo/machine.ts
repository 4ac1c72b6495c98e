import { missingForCapture, variantFor } from 'sallyport/agent/capture/index.ts';
import { findTool } from 'sallyport/agent/tools.ts';
import { run } from '../lab/ran.ts';

/** Program → Debian's package. */
const CAPTURE: Readonly<Record<string, string>> = {
  nft: 'nftables',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  nslookup: 'bind9-dnsutils',
};
const ALWAYS: Readonly<Record<string, string>> = { curl: 'curl', openssl: 'openssl', bash: 'bash' };

export interface Machine {
  readonly mode: 'capture' | 'proxy';
  /** Why it is not capture, in a line. */
  readonly because?: string;
}

/** Installs what is missing where that is allowed, and says so; then says how traffic can come to the proxy here. */
export async function prepareMachine(wanted: 'capture' | 'proxy' | undefined, say: (line: string) => void): Promise<Machine> {
  const tools = { ...ALWAYS, ...(wanted === 'proxy' ? {} : CAPTURE) };
  await install(missing(tools), tools, say);
  const still = missing(ALWAYS);
  if (still.length > 0) {
    throw new Error(
      `${still.join(', ')} ${still.length === 1 ? 'is' : 'are'} missing: install ${still.map((name) => ALWAYS[name]).join(' ')}`,
    );
  }
  if (wanted === 'proxy') return { mode: 'proxy' };
  const found = [
    ...(await missingForCapture(variantFor(), 'lab')).map(({ what, mend }) => `${what} (${mend})`),
    ...missing({ nslookup: '' }).map(() => 'nslookup is missing (apt install bind9-dnsutils)'),
  ];
  if (found.length === 0) return { mode: 'capture' };
  if (wanted === 'capture') throw new Error(`traffic cannot be captured here: ${found.join('; ')}`);
  return { mode: 'proxy', because: found.join('; ') };
}

function missing(tools: Readonly<Record<string, string>>): string[] {
  return Object.keys(tools).filter((name) => findTool(name) === undefined);
}

/** Only root with apt-get installs; everybody else is told, or does without. */
async function install(
  names: readonly string[],
  tools: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<void> {
  const apt = findTool('apt-get');
  if (names.length === 0 || process.platform !== 'linux' || process.getuid?.() !== 0 || apt === undefined) return;
  const packages = [...new Set(names.map((name) => tools[name]!))].sort();
  say(`installing ${packages.join(', ')}: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} missing`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const command = [apt, 'install', '--yes', '--no-install-recommends', ...packages];
  let { code, stderr } = await run(command, { env });
  if (code !== 0) {
    // The lists of a fresh machine are empty.
    await run([apt, 'update'], { env });
    ({ code, stderr } = await run(command, { env }));
  }
  if (code !== 0) say(`apt-get could not: ${stderr.trim().split('\n').at(-1) ?? `exit code ${code}`}`);
}
