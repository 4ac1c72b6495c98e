import { byServiceAge, type ConfigObject, type Issue, type Service } from '../../model/index.ts';
import { finding } from './finding.ts';

export interface Contender {
  readonly service: Service;
  readonly object: Pick<ConfigObject, 'key' | 'origin'>;
}

/**
 * Objects of one namespace that declare one host and do not agree: the oldest counts, a Kubernetes Service before any
 * ServiceEntry, and each other one is told what of it is lost (spec/istio.md 2.1 and 2.3).
 */
export function conflictFindings(contenders: readonly Contender[]): readonly Issue[] {
  const [winner, ...others] = [...contenders].sort(inPrecedence);
  if (winner === undefined) return [];
  return others.flatMap((loser) => {
    const clash = clashOf(winner.service, loser.service);
    if (clash === undefined) return [];
    const { kind, namespace, name } = winner.object.key;
    const message = `host ${loser.service.host} is also declared by ${kind} ${namespace}/${name}, which wins: ${clash}`;
    return [finding(loser.object, 'HOST_CONFLICT', 'warning', hostField(loser), message, 'declare a host in one object')];
  });
}

function inPrecedence(a: Contender, b: Contender): number {
  return (
    Number(a.service.registry === 'external') - Number(b.service.registry === 'external') || byServiceAge(a.service, b.service)
  );
}

function hostField({ object }: Contender): readonly (string | number)[] {
  return object.key.kind === 'ServiceEntry' ? ['spec', 'hosts'] : ['metadata', 'name'];
}

function clashOf(winner: Service, loser: Service): string | undefined {
  if (winner.registry !== loser.registry) return 'a Kubernetes Service replaces a ServiceEntry, whose own ports get no cluster';
  if (winner.resolution !== loser.resolution)
    return `its resolution is ${word(winner.resolution)}, not ${word(loser.resolution)}; ports that only this object declares get no cluster`;
  for (const port of loser.ports) {
    const same = winner.ports.find(({ number }) => number === port.number);
    if (same !== undefined && same.protocol !== port.protocol)
      return `port ${port.number} is ${word(same.protocol)} there and ${word(port.protocol)} here`;
    if (same !== undefined && same.name !== port.name)
      return `port ${port.number} is called ${same.name} there and ${port.name} here, and endpoints are found by port name`;
  }
  return undefined;
}

function word(text: string): string {
  return text.toUpperCase().replaceAll('-', '_');
}
