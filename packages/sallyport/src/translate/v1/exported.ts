import type { ExternalServiceV1, Issue } from '../../model/index.ts';
import { copied, type Marked, took } from '../sourced.ts';
import type { TranslateSettings } from '../types.ts';
import type { ExternalDestination } from './destination.ts';
import { inCluster } from './select.ts';

const AT = ['spec', 'externalService', 'exportTo'];

/** Whether the service exists in this cluster at all (spec/gloo.md 1.1, `exportTo`). */
export function isExportedHere({ exportTo = [] }: ExternalServiceV1, { cluster }: Pick<TranslateSettings, 'cluster'>): boolean {
  return exportTo.length === 0 || exportTo.some(({ clusters }) => inCluster(clusters, cluster));
}

/** `exportTo` of the ServiceEntry: absent means all namespaces, which release 1.2 wrote as an empty list. */
export function exportToOf(object: ExternalDestination, settings: TranslateSettings): Marked<readonly string[]> | undefined {
  const { exportTo = [] } = object.spec.externalService;
  const here = exportTo.map((entry, i) => ({ ...entry, i })).filter(({ clusters }) => inCluster(clusters, settings.cluster));
  const everywhere = here.length === 0 || here.some(({ namespaces = [] }) => namespaces.length === 0);
  if (everywhere) return settings.v1Profile === 'v1.2' ? [] : undefined;
  const [only] = here;
  if (here.length === 1 && only !== undefined) return copied(object, [...AT, only.i, 'namespaces'], only.namespaces);
  return took(object, AT, [...new Set(here.flatMap(({ namespaces = [] }) => namespaces))].sort());
}

export function exportedElsewhere({ key }: ExternalDestination, { cluster }: TranslateSettings): Issue {
  return {
    code: 'INEFFECTIVE',
    severity: 'info',
    object: key,
    field: AT,
    message: `it is exported to other clusters only, and this one is called ${cluster}`,
    hint: 'add the cluster, or give its name with --cluster',
  };
}
