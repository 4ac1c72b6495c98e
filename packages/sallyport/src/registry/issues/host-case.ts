import type { ConfigObject, Issue } from '../../model/index.ts';
import { finding } from './finding.ts';

/** Hosts are compared in lower case here, where Istio keeps capitals in some places and not in others (spec/istio.md 9). */
export function hostCaseFindings(
  object: Pick<ConfigObject, 'key' | 'origin'>,
  hosts: readonly string[],
  field: (index: number) => readonly (string | number)[],
): readonly Issue[] {
  return hosts.flatMap((host, index) => {
    const lower = host.toLowerCase();
    if (lower === host) return [];
    const message = `host ${host} has capitals and is taken as ${lower}; Istio would send its HTTP calls to a cluster that does not exist`;
    return [finding(object, 'HOST_CASE', 'warning', field(index), message, `write ${lower}`)];
  });
}
