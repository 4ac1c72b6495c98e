import {
  byAge,
  type ConfigObject,
  type PeerAuthenticationSpec,
  type PeerMode,
  type PeerPolicies,
  type PeerPolicy,
} from '../model/index.ts';

export type PeerObject = ConfigObject<PeerAuthenticationSpec>;

/** A policy without labels to select by is for the whole namespace, or from the root namespace for the mesh (spec/istio.md 11). */
export function isGeneral({ spec }: PeerObject): boolean {
  return Object.keys(spec.selector?.matchLabels ?? {}).length === 0;
}

/** The policies of one namespace in force: the oldest general one, and in namespaces other than the root those with a selector. */
export function peerPoliciesOf(namespace: string, objects: readonly PeerObject[], rootNamespace: string): PeerPolicies {
  const sorted = objects.toSorted(byAge);
  const general = sorted.find(isGeneral);
  const selected = namespace === rootNamespace ? [] : sorted.filter((object) => !isGeneral(object));
  return { namespace, ...(general !== undefined && { general: policyOf(general) }), selected: selected.map(policyOf) };
}

function policyOf(object: PeerObject): PeerPolicy {
  const { selector, mtls, portLevelMtls = {} } = object.spec;
  const mode = modeOf(mtls?.mode);
  const ports = isGeneral(object) ? {} : portLevelMtls;
  return {
    key: object.key,
    selector: selector?.matchLabels ?? {},
    ...(mode !== 'UNSET' && { mode }),
    ports: Object.fromEntries(Object.entries(ports).map(([port, tls]) => [port, modeOf(tls?.mode)])),
  };
}

function modeOf(name: string | undefined): PeerMode | 'UNSET' {
  return name === 'DISABLE' || name === 'PERMISSIVE' || name === 'STRICT' ? name : 'UNSET';
}
