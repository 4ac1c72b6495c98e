import { isSubsetOf, overlaps } from '../../lib/host.ts';
import { ipFamily, parseCidr } from '../../lib/ip.ts';
import type { L4Match, RouteDestination, TlsRoute, VirtualServiceSpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkHttpRoute, isJwtClaim } from './http-route.ts';
import { isClusterSni, isDnsLabel, notFqdn, notWildcardDomain } from './names.ts';
import { checkDestination, checkWeights } from './route-destination.ts';
import type { Rule } from './rule.ts';
import { warnShadowed } from './shadowed.ts';
import { checkExportTo, checkPortNumber } from './shared.ts';
import { checkLabels } from './workload-entry.ts';

const MESH = 'mesh';

/** VirtualService (spec/istio.md 2.7). One without hosts is a delegate: a piece of another one's routes. */
export const virtualServiceRule: Rule<VirtualServiceSpec> = function* (spec, { namespace }) {
  const { hosts = [], gateways = [], http = [], tls = [], tcp = [] } = spec;
  const delegate = hosts.length === 0;
  const inMesh = gateways.length === 0 || gateways.includes(MESH);
  if (delegate) {
    if (gateways.length > 0)
      yield invalid(
        ['spec', 'gateways'],
        'a delegate (no `hosts`) takes its gateways from the VirtualService that refers to it',
        'name `hosts`, or leave `gateways` out',
      );
    if (tls.length > 0 || tcp.length > 0)
      yield invalid(['spec', tls.length > 0 ? 'tls' : 'tcp'], 'a delegate (no `hosts`) has http routes only', 'name `hosts`');
  }
  yield* checkGateways(gateways, ['spec', 'gateways']);
  yield* checkHosts(
    hosts,
    inMesh,
    gateways.some((gateway) => gateway !== MESH),
  );
  if (http.length + tls.length + tcp.length === 0)
    yield missing(['spec', 'http'], 'there is no route', 'write `http`, `tls` or `tcp`');
  for (const [i, route] of http.entries()) {
    const field = ['spec', 'http', i];
    yield* checkHttpRoute(route, field, { delegate });
    for (const [m, match] of (route.match ?? []).entries()) {
      yield* checkGateways(match.gateways ?? [], [...field, 'match', m, 'gateways']);
      if (inMesh) yield* checkNoClaims(match, [...field, 'match', m]);
    }
  }
  for (const [i, route] of tls.entries()) yield* checkTls(route, hosts, ['spec', 'tls', i]);
  for (const [i, route] of tcp.entries()) {
    for (const [m, match] of (route.match ?? []).entries()) yield* checkL4Match(match, ['spec', 'tcp', i, 'match', m]);
    yield* checkL4Destinations(route.route, ['spec', 'tcp', i, 'route']);
  }
  yield* checkExportTo(spec.exportTo, namespace);
  yield* warnShadowed(spec);
};

function* checkHosts(hosts: readonly string[], inMesh: boolean, atGateway: boolean): Iterable<Finding> {
  let allGood = true;
  for (const [i, host] of hosts.entries()) {
    const reason = isClusterSni(host) && atGateway ? undefined : notWildcardDomain(host);
    const field = ['spec', 'hosts', i];
    if (host === '*' && inMesh)
      yield invalid(
        field,
        '"*" is only for gateways: sidecars would send them every call',
        'name the hosts, or bind to a gateway',
      );
    else if (reason !== undefined && ipFamily(host) === 0)
      yield invalid(field, `${shown(host)} is no host name: ${reason}`, 'write a DNS name without scheme and port');
    else continue;
    allGood = false;
  }
  if (!allGood) return;
  for (const [i, host] of hosts.entries()) {
    const twin = hosts.slice(0, i).find((other) => overlaps(other, host));
    if (twin !== undefined)
      yield invalid(['spec', 'hosts', i], `${shown(host)} and ${shown(twin)} mean the same calls`, 'keep one of them');
  }
}

/** Names as `namespace/name`, or the older DNS form; the first that is not of the new form ends the check, as in Istio. */
export function* checkGateways(gateways: readonly string[], field: Path): Iterable<Finding> {
  for (const [i, gateway] of gateways.entries()) {
    const slash = gateway.indexOf('/');
    const at = [...field, i];
    if (slash === -1) {
      const [name, namespace] = gateway.split('.');
      if (namespace !== undefined)
        yield warn('INEFFECTIVE', at, `${shown(gateway)} is the old form of a gateway name`, `write "${namespace}/${name}"`);
      const reason = notFqdn(gateway);
      if (reason !== undefined)
        yield invalid(at, `${shown(gateway)} is no gateway name: ${reason}`, 'write namespace/name, or mesh');
      return;
    }
    for (const part of [gateway.slice(0, slash), gateway.slice(slash + 1)])
      if (!isDnsLabel(part))
        yield invalid(at, `${shown(gateway)} is no gateway name: ${shown(part)} is no DNS label`, 'write namespace/name');
  }
}

function* checkNoClaims(match: { readonly headers?: object; readonly withoutHeaders?: object }, field: Path): Iterable<Finding> {
  for (const part of ['headers', 'withoutHeaders'] as const)
    for (const name of Object.keys(match[part] ?? {}))
      if (isJwtClaim(name))
        yield invalid(
          [...field, part, name],
          'claims of a token are only matched at gateways',
          'bind the VirtualService to a gateway',
        );
}

function* checkTls(route: TlsRoute, hosts: readonly string[], field: Path): Iterable<Finding> {
  const matches = route.match ?? [];
  if (matches.length === 0) yield missing([...field, 'match'], 'a tls route has no match', 'write match: [{sniHosts: [...]}]');
  for (const [m, match] of matches.entries()) {
    const at = [...field, 'match', m];
    const names = match.sniHosts ?? [];
    if (names.length === 0) yield missing([...at, 'sniHosts'], '`sniHosts` is missing', 'name the hosts that the route is for');
    for (const [n, name] of names.entries()) yield* checkSniHost(name, hosts, [...at, 'sniHosts', n]);
    yield* checkL4Match(match, at);
  }
  yield* checkL4Destinations(route.route, [...field, 'route']);
}

function* checkSniHost(name: string, hosts: readonly string[], field: Path): Iterable<Finding> {
  if (ipFamily(name) !== 0) {
    yield warn('INEFFECTIVE', field, `${shown(name)} is an address, and clients name no addresses in SNI`, 'write the host name');
    return;
  }
  const reason = isClusterSni(name) ? undefined : notWildcardDomain(name);
  if (reason !== undefined) yield invalid(field, `${shown(name)} is no host name: ${reason}`, 'write a DNS name');
  else if (!hosts.some((host) => isSubsetOf(name, host)))
    yield invalid(field, `${shown(name)} is none of the VirtualService's hosts`, 'add it to `hosts`');
}

function* checkL4Match(match: L4Match, field: Path): Iterable<Finding> {
  for (const [i, subnet] of (match.destinationSubnets ?? []).entries())
    if (subnet.includes('/') ? parseCidr(subnet) === undefined : ipFamily(subnet) === 0)
      yield invalid(
        [...field, 'destinationSubnets', i],
        `${shown(subnet)} is neither an IP address nor a CIDR`,
        'for example 10.0.0.0/8',
      );
  if ((match.port ?? 0) !== 0) yield* checkPortNumber(match.port!, [...field, 'port']);
  yield* checkLabels(match.sourceLabels, [...field, 'sourceLabels']);
  yield* checkGateways(match.gateways ?? [], [...field, 'gateways']);
  yield* checkSourceNamespace(match.sourceNamespace, [...field, 'sourceNamespace']);
}

function* checkSourceNamespace(namespace: string | undefined, field: Path): Iterable<Finding> {
  if (namespace !== undefined && namespace !== '' && !isDnsLabel(namespace))
    yield invalid(field, `${shown(namespace)} is no namespace`, 'write its name');
}

function* checkL4Destinations(route: readonly RouteDestination[] | undefined, field: Path): Iterable<Finding> {
  if (route === undefined || route.length === 0) {
    yield missing(field, 'the route leads nowhere', 'write route: [{destination: {host: ...}}]');
    return;
  }
  for (const [i, one] of route.entries()) {
    if (one.destination === undefined)
      yield missing([...field, i, 'destination'], '`destination` is missing', 'write destination: {host: ...}');
    else yield* checkDestination(one.destination, [...field, i, 'destination']);
  }
  yield* checkWeights(route, field);
}
