import { isWildcard } from '../../lib/host.ts';
import type { Issue, Service, ServicePortSpec } from '../../model/index.ts';
import type { EntryHead } from '../entry-head.ts';
import { parseProtocol } from '../protocol.ts';
import {
  DNS_ANNOTATION,
  dnsAnnotation,
  type NameRules,
  namingPort,
  WILDCARDS_ANNOTATION,
  wildcardsAnnotation,
} from '../resolution.ts';
import { RESOLVED_BY, WILDCARDS } from '../resolution-options.ts';
import { finding } from './finding.ts';

/** What is worth saying of how the names of an entry are looked up. Most entries have nothing to do with it, and ask for nothing. */
export function nameFindings(entry: EntryHead, services: () => readonly Service[], rules: () => NameRules): readonly Issue[] {
  return [...annotationFindings(entry, rules), ...noneFindings(entry, services)];
}

function annotationFindings(entry: EntryHead, rules: () => NameRules): readonly Issue[] {
  const { resolution = 'NONE', hosts } = entry.spec;
  const dns = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';
  const open = resolution === 'NONE' && hosts.some(isWildcard);
  return [
    ...annotationFinding(entry, DNS_ANNOTATION, RESOLVED_BY, dnsAnnotation, dns, 'resolution DNS or DNS_ROUND_ROBIN', rules),
    ...annotationFinding(
      entry,
      WILDCARDS_ANNOTATION,
      WILDCARDS,
      wildcardsAnnotation,
      open,
      'wildcard hosts with resolution NONE',
      rules,
    ),
  ];
}

function annotationFinding(
  entry: EntryHead,
  name: string,
  words: readonly string[],
  taken: (entry: EntryHead, rules: NameRules) => string | undefined,
  applies: boolean,
  appliesTo: string,
  rules: () => NameRules,
): readonly Issue[] {
  const word = entry.annotations[name];
  if (word === undefined) return [];
  const field = ['metadata', 'annotations', name];
  if (!words.includes(word)) {
    const message = `annotation ${name} is ${JSON.stringify(word)}, expected one of ${words.join(', ')}`;
    return [finding(entry, 'INVALID_VALUE', 'error', field, message, `write ${name}: ${words[1]}`)];
  }
  if (!applies)
    return [finding(entry, 'INEFFECTIVE', 'warning', field, `annotation ${name} is for ${appliesTo}, and changes nothing here`)];
  if (taken(entry, rules()) !== undefined) return [];
  const message = `annotation ${name}: ${word} is not taken: with enforcement strict an entry may not loosen what the mesh says`;
  return [
    finding(
      entry,
      'INEFFECTIVE',
      'warning',
      field,
      message,
      'set it for the whole mesh, under sallyport in the mesh configuration',
    ),
  ];
}

/**
 * A name that is not looked up: the caller picks the address and says the name, or any under a wildcard, and nobody compares the
 * two (requirement text 004). One that is looked up although its entry says NONE: ports at which no name is said have no
 * place in it.
 */
function noneFindings(entry: EntryHead, services: () => readonly Service[]): readonly Issue[] {
  const { resolution = 'NONE', ports = [] } = entry.spec;
  if (resolution !== 'NONE') return [];
  const made = services();
  const open = made.filter(({ host, resolution: is }) => isWildcard(host) && is === 'none');
  const resolved = made.filter(({ resolution: is }) => is !== 'none');
  return [
    ...(open.length === 0 ? [] : openFindings(entry, open)),
    ...(resolved.length === 0 ? [] : ports.flatMap((port, i) => namelessFindings(entry, resolved, port, i))),
  ];
}

function openFindings(entry: EntryHead, open: readonly Service[]): readonly Issue[] {
  if ((entry.spec.addresses ?? []).length > 0) return [];
  const names = open.map(({ host }) => host).join(', ');
  const message = `${names} with resolution NONE lets callers choose the address: whoever claims such a name reaches any address on these ports, also one that is not declared, and also under REGISTRY_ONLY`;
  const hint = `sallyport.wildcards: dynamic-dns in the mesh configuration, or annotation ${WILDCARDS_ANNOTATION}: dynamic-dns, has the proxy look the name up; resolution: DYNAMIC_DNS does so too (ports HTTP, HTTP2, GRPC, TLS); or list exact hosts with resolution: DNS`;
  return [finding(entry, 'ADDRESS_UNCHECKED', 'warning', ['spec', 'resolution'], message, hint)];
}

function namelessFindings(
  entry: EntryHead,
  resolved: readonly Service[],
  port: ServicePortSpec,
  index: number,
): readonly Issue[] {
  const { number, name, targetPort } = port;
  const protocol = parseProtocol(port.protocol) ?? 'auto';
  const target = targetPort === undefined || targetPort === 0 ? {} : { passthroughTarget: targetPort };
  if (namingPort({ number, name, protocol, ...target }).length > 0) return [];
  const dynamic = resolved.some(({ resolution }) => resolution === 'dynamic-dns');
  if (!dynamic && namingPort({ number, name, protocol }).length > 0) return [];
  const names = resolved.map(({ host }) => host).join(', ');
  const field = ['spec', 'ports', index];
  if (namingPort({ number, name, protocol }).length > 0) {
    const message = `port ${number} of ${names} is left out: its names are looked up, and called at the port that the caller names, not at targetPort ${targetPort}`;
    return [finding(entry, 'UNSUPPORTED', 'error', [...field, 'targetPort'], message, 'leave targetPort out')];
  }
  const spoken = port.protocol === undefined || port.protocol === '' ? 'a port without protocol' : port.protocol;
  const message = `port ${number} of ${names} is left out: its names are looked up, and ${spoken} does not show which name is called`;
  const hint =
    'use HTTP, HTTP2, GRPC, TLS or HTTPS; declare other ports in an entry with an exact host, and with addresses or resolution: DNS';
  return [finding(entry, 'UNSUPPORTED', 'error', [...field, 'protocol'], message, hint)];
}
