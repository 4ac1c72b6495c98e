import { access, constants, readFile } from 'node:fs/promises';
import { findTool } from '../tools.ts';
import { captureRules } from './rules.ts';
import { runTool } from './run-tool.ts';

/** `root`: the proxy is told apart by its user id. `rootless`: by a mark, in a user namespace, for any plain user. */
export type Variant = 'root' | 'rootless';
/** What is reachable from inside: stand-ins inside that answer on every address, or the outside world. */
export type Reach = 'lab' | 'outside';

export interface Missing {
  /** A sentence: what is missing, and for what it is needed. */
  readonly what: string;
  /** A command or a step that mends it. */
  readonly mend: string;
}

/** Program → Debian's package. */
const TOOLS: Readonly<Record<string, string>> = {
  nft: 'nftables',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
};
const PURPOSE: Readonly<Record<string, string>> = {
  nft: 'loads the rules that redirect connections to the proxy',
  ip: 'sets addresses and routes of the network namespace',
  unshare: 'makes the network namespace',
  nsenter: 'runs programs inside it',
  setpriv: 'takes rights away from the application',
  mount: 'hides the proxy’s sockets from the application',
  pasta: 'connects the network namespace to the outside world',
};
const INSTEAD = 'or use --mode proxy, which needs none of this';

/** The program's path, or its bare name, so that starting it fails with its name. */
export function tool(name: string): string {
  return findTool(name) ?? name;
}

export function variantFor(uid: number | undefined = process.getuid?.()): Variant {
  return uid === 0 ? 'root' : 'rootless';
}

/** What capture lacks on this machine; empty when it will work. Makes one network namespace to try, and leaves nothing behind. */
export async function missingForCapture(
  variant: Variant,
  reach: Reach,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Missing[]> {
  if (process.platform !== 'linux') {
    return [{ what: `capture needs Linux, and this is ${process.platform}`, mend: 'use --mode proxy' }];
  }
  const tools = { ...TOOLS, ...(reach === 'outside' ? { pasta: 'passt' } : {}) };
  const missing = Object.entries(tools)
    .filter(([tool]) => findTool(tool, env) === undefined)
    .map(([tool, owner]) => ({ what: `${tool} is missing, which ${PURPOSE[tool]}`, mend: `apt install ${owner}, ${INSTEAD}` }));
  if (missing.length > 0) return missing;
  if (variant === 'root' && process.getuid?.() !== 0) {
    return [
      { what: 'capture by user id needs root', mend: 'run it with sudo, or leave out --root to capture in a user namespace' },
    ];
  }
  const found = [await tryIt(variant), ...(reach === 'outside' ? [await closedTunnel()] : [])];
  return found.filter((one) => one !== undefined);
}

async function tryIt(variant: Variant): Promise<Missing | undefined> {
  const unshare = [tool('unshare'), ...unshareFlags(variant)];
  const refused = await failureOf([...unshare, 'true']);
  if (refused !== undefined)
    return variant === 'root' ? noNamespace(refused) : ((await forbiddenUserNamespaces()) ?? noNamespace(refused));
  const rules = captureRules({ exclude: { by: 'mark', mark: 1 }, outboundPort: 1, dnsPort: 1 });
  const unloaded = await failureOf([...unshare, tool('nft'), '-f', '-'], rules);
  if (unloaded === undefined) return undefined;
  return {
    what: `this kernel does not load the rules that redirect connections: ${unloaded}`,
    mend: `modprobe -a nf_tables nft_redir nft_chain_nat as root, ${INSTEAD}`,
  };
}

export function unshareFlags(variant: Variant): string[] {
  return variant === 'root' ? ['--net'] : ['--user', '--map-root-user', '--net'];
}

function noNamespace(said: string): Missing {
  return {
    what: `no network namespace can be made here: ${said}`,
    mend: `ask for the right to (a container needs CAP_SYS_ADMIN), ${INSTEAD}`,
  };
}

/** The three switches by which machines forbid user namespaces, each with what turns it. */
async function forbiddenUserNamespaces(): Promise<Missing | undefined> {
  for (const [path, forbidding, name, allow] of [
    ['/proc/sys/user/max_user_namespaces', '0', 'user.max_user_namespaces', '15000'],
    ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'kernel.unprivileged_userns_clone', '1'],
    ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1', 'kernel.apparmor_restrict_unprivileged_userns', '0'],
  ] as const) {
    const value = (await readFile(path, 'utf8').catch(() => '')).trim();
    if (value !== forbidding) continue;
    return {
      what: `this machine forbids user namespaces to plain users (${name} is ${value})`,
      mend: `sudo sysctl -w ${name}=${allow}, or run it as root, ${INSTEAD}`,
    };
  }
  return undefined;
}

async function closedTunnel(): Promise<Missing | undefined> {
  return access('/dev/net/tun', constants.R_OK | constants.W_OK).then(
    () => undefined,
    () => ({
      what: '/dev/net/tun cannot be opened, through which pasta connects the namespace',
      mend: `sudo chmod 666 /dev/net/tun, ${INSTEAD}`,
    }),
  );
}

async function failureOf(command: readonly string[], input?: string): Promise<string | undefined> {
  return runTool(command, input).then(
    () => undefined,
    (error: Error) => error.message,
  );
}
