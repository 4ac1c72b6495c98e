import type { PeerAuthenticationSpec } from '../../model/index.ts';
import { type Finding, invalid, shown, warn } from '../finding.ts';
import type { Rule } from './rule.ts';
import { checkSelector } from './shared.ts';

const PORTS = ['spec', 'portLevelMtls'] as const;

/** PeerAuthentication: what istiod's admission check refuses (spec/istio.md 11). */
export const peerAuthenticationRule: Rule<PeerAuthenticationSpec> = function* ({ selector, portLevelMtls }) {
  const labels = selector?.matchLabels ?? {};
  const chosen = Object.keys(labels).length > 0;
  for (const found of checkSelector({ labels }, ['spec', 'selector']))
    yield { ...found, field: found.field.map((part, i) => (i === 2 ? 'matchLabels' : part)) };
  if (selector !== undefined && !chosen)
    yield warn(
      'INEFFECTIVE',
      ['spec', 'selector'],
      'the selector has no labels, so the policy is for the whole namespace',
      'add labels, or leave the selector out',
    );
  if (portLevelMtls !== undefined) yield* checkPorts(Object.keys(portLevelMtls), chosen);
};

function* checkPorts(ports: readonly string[], chosen: boolean): Iterable<Finding> {
  if (!chosen)
    yield invalid(
      PORTS,
      'only a policy with a selector may name ports: what a port is for differs from workload to workload',
      'add selector.matchLabels, or remove `portLevelMtls`',
    );
  if (ports.length === 0) yield invalid(PORTS, '`portLevelMtls` names no port', 'name one, or leave it out');
  for (const port of ports)
    if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535)
      yield invalid(
        [...PORTS, port],
        `${shown(port)} is no port number`,
        'write a number from 1 to 65535, the port of the workload',
      );
}
