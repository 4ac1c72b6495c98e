import { selects } from '../../../lib/host.ts';
import type { ConfigObject, GlooWorkloadSelector, KubernetesServiceSpec } from '../../../model/index.ts';

export type KubernetesService = ConfigObject<KubernetesServiceSpec>;
export type Labels = Readonly<Record<string, string>>;

/** Proxies that stand at the edge of the mesh, as the Service in front of them describes them. */
export interface GatewayWorkload {
  readonly namespace: string;
  readonly service: string;
  /** Labels that all of the proxies have, and no others in the namespace. */
  readonly labels: Labels;
  readonly ports: readonly ServedPort[];
}

export interface ServedPort {
  readonly number: number;
  readonly name?: string;
  /** Where the proxies listen; absent where the Service gives only a name for it. */
  readonly target?: number;
}

/** The label that every installation of an Istio gateway carries. */
const ROLE = 'istio';

/** Places under which a Service, or the labels of some Pods, are looked up. */
export const placesOf = {
  label: (name: string, value: string): string => `label ${name}=${value}`,
  name: (name: string): string => `name ${name}`,
  namespace: (namespace: string): string => `namespace ${namespace}`,
  role: 'role',
};

export function placesOfService({ key, spec: { selector = {} } }: KubernetesService): string[] {
  return [
    placesOf.namespace(key.namespace),
    placesOf.name(key.name),
    ...Object.entries(selector).map(([name, value]) => placesOf.label(name, value)),
    ...(ROLE in selector ? [placesOf.role] : []),
  ];
}

/** The one place to look for what a selector can mean; all of it has to be held against the selector still. */
export function placeOfSelector({ selector }: GlooWorkloadSelector): string {
  const { name = '', labels = {} } = selector ?? {};
  const [first] = Object.entries(labels);
  if (first !== undefined) return placesOf.label(...first);
  return name === '' ? placesOf.role : placesOf.name(name);
}

/**
 * Whether a Service is meant: by its name, namespace, and by labels that it selects its Pods by. A selector without name and
 * labels means every gateway (spec/gloo.md 2.7).
 */
export function isMeant(
  { selector }: GlooWorkloadSelector,
  { key, spec }: KubernetesService,
  { workspace, cluster }: { readonly workspace: string; readonly cluster: string },
  podLabels: Labels | undefined,
): boolean {
  const wanted = selector ?? {};
  const { labels = {} } = wanted;
  const own = spec.selector ?? {};
  const bare = Object.keys(labels).length === 0 && (wanted.name ?? '') === '';
  return (
    Object.keys(own).length > 0 &&
    (wanted.name ?? key.name) === key.name &&
    (wanted.namespace ?? key.namespace) === key.namespace &&
    (wanted.workspace ?? workspace) === workspace &&
    (wanted.cluster ?? cluster) === cluster &&
    (bare
      ? ROLE in own
      : selects(labels, own) || (podLabels !== undefined && selects(labels, podLabels) && selects(own, podLabels)))
  );
}

export function workloadOf({ key, spec }: KubernetesService): GatewayWorkload {
  return {
    namespace: key.namespace,
    service: key.name,
    labels: spec.selector ?? {},
    ports: (spec.ports ?? []).map(({ port, name, targetPort }) => ({
      number: port,
      ...(name !== undefined && { name }),
      ...(targetPort === undefined || targetPort === 0 || targetPort === ''
        ? { target: port }
        : typeof targetPort === 'number'
          ? { target: targetPort }
          : /^\d+$/.test(targetPort)
            ? { target: Number(targetPort) }
            : {}),
    })),
  };
}
