import { gatewayText, type Issue, type OpenServer, passesThrough } from '../../model/index.ts';

const nameOf = ({ gateway, index }: OpenServer): string => `server ${index + 1} of Gateway ${gatewayText(gateway)}`;

function about(server: OpenServer, issue: Pick<Issue, 'code' | 'severity' | 'message' | 'hint'>, ...field: string[]): Issue {
  return { ...issue, object: server.gateway, field: ['spec', 'servers', server.index, ...field] };
}

/** A server that nobody routes from: Istio opens nothing for it either, without a word. */
export function nothingBehind(server: OpenServer): Issue {
  const kind = server.tls === undefined || (server.tls.mode ?? 'PASSTHROUGH') !== 'PASSTHROUGH' ? 'tcp' : 'tls';
  const message = `${nameOf(server)} takes no connections: no VirtualService that its proxies see has a ${kind} route for one of its hosts`;
  const hint = `bind a VirtualService with ${kind} routes to it with gateways: [${gatewayText(server.gateway)}]`;
  return about(server, { code: 'INEFFECTIVE', severity: 'warning', message, hint });
}

/** An AUTO_PASSTHROUGH server that no service is behind. */
export function nothingInside(server: OpenServer): Issue {
  const message = `${nameOf(server)} takes no connections: its hosts stand for no service of the mesh that its proxies see`;
  const hint = 'AUTO_PASSTHROUGH passes mesh TLS on to services inside the mesh: name their hosts, for example "*.local"';
  return about(server, { code: 'INEFFECTIVE', severity: 'warning', message, hint }, 'hosts');
}

/** An AUTO_PASSTHROUGH server of proxies that policies are for: as in Istio they are not asked there, which nobody would guess. */
export function nobodyAsked(server: OpenServer): Issue {
  const message = `AuthorizationPolicies of these proxies do not bear on what ${nameOf(server)} passes on: who calls in mesh TLS shows where it ends`;
  const hint = 'let AuthorizationPolicies select the workloads behind the gateway';
  return about(server, { code: 'INEFFECTIVE', severity: 'warning', message, hint }, 'tls', 'mode');
}

/** A name in TLS that an earlier chain of the listener has. Only what is passed on by routes has more than one chain. */
export function takenName(name: string, server: OpenServer, owner: OpenServer): Issue {
  const what = name === '*' ? 'every name' : name;
  const code = 'PORT_CONFLICT';
  if (server.tls !== undefined && passesThrough(server.tls)) {
    const message = `${nameOf(server)} does not get all connections that routes ask for: ${nameOf(owner)} takes those for ${what} on this port`;
    return about(server, { code, severity: 'warning', message, hint: 'name each server in one route only' });
  }
  const message = `${nameOf(server)} takes no connections: ${nameOf(owner)} takes those for ${what} on this port`;
  const hint = 'use another port, other hosts, or give each server an address with bind';
  return about(server, { code, severity: 'error', message, hint });
}

/** A name for which Envoy would refuse the whole listener. */
export function unmatchable(name: string, server: OpenServer): Issue {
  const message = `${nameOf(server)} cannot tell ${name} by its name in TLS: a wildcard must start with "*." and have no other star`;
  return about(server, { code: 'UNSUPPORTED', severity: 'error', message, hint: 'write *.example.com, or each name' }, 'hosts');
}

/** A server of mesh TLS whose proxies have no certificate: Envoy would wait for it, and with it every server of the port. */
export function noIdentity(server: OpenServer): Issue {
  const message = `${nameOf(server)} stays closed at some proxies: ISTIO_MUTUAL needs a certificate, and their agents have none`;
  const hint = 'give the agents an identity, or use mode SIMPLE or MUTUAL with files';
  return about(server, { code: 'UNSUPPORTED', severity: 'error', message, hint }, 'tls', 'mode');
}
