import { type Issue, isHttp, type Protocol, type Service, type ServicePortSpec } from '../../model/index.ts';
import { allocates } from '../addresses.ts';
import type { EntryHead } from '../entry-head.ts';
import { carriesNoName, kubernetesProtocol, parseProtocol, usualProtocol } from '../protocol.ts';
import type { NameRules } from '../resolution.ts';
import { finding } from './finding.ts';
import { hostCaseFindings } from './host-case.ts';
import { nameFindings } from './names.ts';

/** What is worth saying about one ServiceEntry by itself. `services` gives those made from it, when they matter. */
export function entryFindings(entry: EntryHead, services: () => readonly Service[], rules: () => NameRules): readonly Issue[] {
  return [
    ...hostCaseFindings(entry, entry.spec.hosts, (index) => ['spec', 'hosts', index]),
    ...(entry.spec.ports ?? []).flatMap((port, index) => protocolFindings(entry, port, index)),
    ...httpsFindings(entry),
    ...addressFindings(entry, services),
    ...nameFindings(entry, services, rules),
  ];
}

/** The port name says nothing in a ServiceEntry, unlike in a Kubernetes Service: a trap worth a warning (spec/istio.md 1.1). */
function protocolFindings(entry: EntryHead, port: ServicePortSpec, index: number): readonly Issue[] {
  if (port.protocol !== undefined && port.protocol !== '') return [];
  const meant = kubernetesProtocol({ port: port.number, name: port.name });
  const byName = meant !== 'auto' && parseProtocol(port.name.split('-', 1)[0]) !== undefined;
  const message = byName
    ? `port ${port.number} is called ${port.name} but has no protocol; in a ServiceEntry the name says nothing, so the protocol is guessed from the first bytes of every connection`
    : `port ${port.number} has no protocol, so it is guessed from the first bytes of every connection`;
  const hint = `protocol: ${byName ? protocolWord(meant) : usualProtocol(port.number)}`;
  return [finding(entry, 'NO_PROTOCOL', byName ? 'warning' : 'info', ['spec', 'ports', index, 'protocol'], message, hint)];
}

function protocolWord(protocol: Protocol): string {
  return protocol === 'http-proxy' ? 'HTTP_PROXY' : protocol.toUpperCase();
}

/** An external web host that is declared on port 80 only: what callers reach by https:// is not in the mesh (requirement text 000). */
function httpsFindings(entry: EntryHead): readonly Issue[] {
  const { ports = [], hosts, location } = entry.spec;
  const index = ports.findIndex(({ number, protocol, targetPort = number }) => {
    const parsed = parseProtocol(protocol) ?? 'auto';
    return number === 80 && targetPort === 80 && (parsed === 'auto' || isHttp(parsed));
  });
  if (location === 'MESH_INTERNAL' || index === -1 || ports.some(({ number }) => number === 443)) return [];
  const message = `https:// calls to ${hosts.join(', ')} are not covered: they go to port 443, and only ${portList(ports)} is declared`;
  const hint =
    'add a port {number: 443, name: tls, protocol: TLS}; to route by path, call http:// instead and set targetPort: 443 on port 80 with a DestinationRule of tls mode SIMPLE';
  return [finding(entry, 'TLS_NOT_DECLARED', 'info', ['spec', 'ports', index], message, hint)];
}

function portList(ports: readonly ServicePortSpec[]): string {
  return ports.map(({ number }) => `port ${number}`).join(', ');
}

/** TCP is told apart by address alone. Entries that will never be given an address are warned of by `config` already (spec/istio.md 1.3). */
function addressFindings(entry: EntryHead, services: () => readonly Service[]): readonly Issue[] {
  const { ports = [] } = entry.spec;
  const nameless = ports.filter(({ protocol }) => carriesNoName(protocol));
  if (nameless.length === 0 || !allocates(entry)) return [];
  const bare = services().filter(({ autoAddresses }) => autoAddresses.length === 0);
  if (bare.length === 0) return [];
  const names = bare.map(({ host }) => host).join(', ');
  return nameless.map((port) => {
    const message = `${names} has no address, so connections to any address on port ${port.number} are taken for it: ${port.protocol} carries no name`;
    const hint = 'list its addresses under spec.addresses, or let proxies capture DNS, so that it gets an address of its own';
    return finding(entry, 'NO_ADDRESS', 'info', ['spec', 'ports', ports.indexOf(port)], message, hint);
  });
}

/** A selector that matches no workload: callers get 503, or no cluster at all with DNS (spec/istio.md 1.5). */
export function selectsNothing(entry: EntryHead): Issue {
  const labels = Object.entries(entry.spec.workloadSelector?.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  const what = labels.length === 0 ? 'any labels' : labels.join(', ');
  const message = `no ready Pod or WorkloadEntry with ${what} is in namespace ${entry.key.namespace}: calls to ${entry.spec.hosts.join(', ')} have nowhere to go`;
  return finding(
    entry,
    'SELECTS_NOTHING',
    'warning',
    ['spec', 'workloadSelector'],
    message,
    'add a WorkloadEntry with these labels to the same namespace; selectors do not look into others',
  );
}
