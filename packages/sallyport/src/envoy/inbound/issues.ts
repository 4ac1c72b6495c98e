import type { ClassInbound, Issue, PeerRuling, ServedPort } from '../../model/index.ts';
import { enforceable, ownTlsOf } from './chains.ts';
import type { InboundFacts } from './facts.ts';

/** What the owner of a policy or of a Sidecar should know of the listeners made from it. */
export function inboundIssues({ ruling, exceptions, ports }: ClassInbound, facts: InboundFacts): readonly Issue[] {
  const rulings = [ruling, ...exceptions.map((exception) => exception.ruling), ...ports.map((port) => port.ruling)];
  return [
    ...rulings.filter((one) => enforceable(one, facts) === 'refused').map(refusing),
    ...ports.flatMap((port) => [...ownTlsIssues(port, facts), ...reservedIssues(port, facts)]),
  ];
}

/** Better closed than open: who demands mutual TLS does not want plain text instead. */
function refusing({ by }: PeerRuling): Issue {
  return {
    code: 'UNSUPPORTED',
    severity: 'error',
    message: 'mode STRICT cannot be met by proxies whose agent has no certificates: they refuse the calls that it is for',
    hint: 'use PERMISSIVE for these workloads until their agents have an identity',
    ...(by !== undefined && { object: by, field: ['spec'] }),
  };
}

function reservedIssues({ target, host, from, ingress }: ServedPort, { capture, capturePort }: InboundFacts): Issue[] {
  if (capture === 'none' || target !== capturePort) return [];
  const message = `port ${target} of ${host} is where the proxy takes in captured calls, so it is not served`;
  const field = ingress && ['spec', 'ingress', ingress.index, 'port'];
  const hint = 'let the workload listen at another port';
  return [{ code: 'PORT_RESERVED', severity: 'warning', message, hint, object: from, ...(field && { field }) }];
}

function ownTlsIssues(port: ServedPort, facts: InboundFacts): Issue[] {
  const { ingress, ruling } = port;
  if (ingress?.listener.tls === undefined) return [];
  const place = { object: ingress.sidecar, field: ['spec', 'ingress', ingress.index, 'tls'] };
  if (ownTlsOf(port, facts) === undefined)
    return [
      {
        code: 'INEFFECTIVE',
        severity: 'warning',
        message: `tls of port ${port.target} is not used: the mesh does not let Sidecars end TLS`,
        hint: 'set sallyport.tlsOnSidecarIngress in the mesh configuration, and mode DISABLE for the port in a PeerAuthentication',
        ...place,
      },
    ];
  if (ruling.mode !== 'DISABLE')
    return [
      {
        code: 'INEFFECTIVE',
        severity: 'warning',
        message: `tls of port ${port.target} is not used: mutual TLS of the mesh has mode ${ruling.mode} there`,
        hint: 'set mode DISABLE for the port in a PeerAuthentication with a selector',
        ...place,
      },
    ];
  if (!facts.withoutIdentity) return [];
  return [
    {
      code: 'UNSUPPORTED',
      severity: 'error',
      message: `tls of port ${port.target} needs an agent that hands out certificates, and these proxies have none: calls are refused`,
      hint: 'leave tls out until their agents have an identity',
      ...place,
    },
  ];
}
