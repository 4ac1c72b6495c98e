import {
  type CredentialName,
  credentialNameOf,
  type Issue,
  type OpenServer,
  objectId,
  passesThrough,
  ROOTS_SUFFIX,
  type Rule,
} from '../../model/index.ts';
import { policiesOf } from '../cluster-issues.ts';
import { credentialUri, rootsUri } from '../cluster-sds.ts';

/** One secret that the resources of a class name, and where the user asked for it. */
export interface Wanted {
  readonly class: string;
  /** Namespace of the proxies, which are entitled to what is in it. */
  readonly namespace: string;
  /** As Envoy asks for it. */
  readonly name: string;
  readonly part: 'certificate' | 'roots';
  /** What the user wrote. */
  readonly written: string;
  readonly about: Required<Pick<Issue, 'object' | 'field'>>;
}

type Viewer = Pick<Wanted, 'class' | 'namespace'>;

/** The secrets of a server that ends TLS (spec/istio.md 10.5, shape C). */
export function* wantedByServer(server: OpenServer, viewer: Viewer): Generator<Wanted> {
  const { tls, gateway, index } = server;
  if (tls === undefined || passesThrough(tls) || tls.mode === 'ISTIO_MUTUAL') return;
  const { credentialName = '', credentialNames = [], caCertCredentialName = '', mode } = tls;
  const at = (...field: (string | number)[]) => ({ object: gateway, field: ['spec', 'servers', index, 'tls', ...field] });
  const named =
    credentialNames.length > 0
      ? credentialNames.map((written, i) => ({ written, about: at('credentialNames', i) }))
      : credentialName === ''
        ? []
        : [{ written: credentialName, about: at('credentialName') }];
  const [first] = named;
  if (first === undefined) return;
  for (const one of named) yield { ...viewer, ...one, name: credentialUri(one.written), part: 'certificate' };
  if (mode !== 'MUTUAL' && mode !== 'OPTIONAL_MUTUAL') return;
  if (caCertCredentialName === '') yield { ...viewer, ...first, name: rootsUri(first.written), part: 'roots' };
  else {
    const about = at('caCertCredentialName');
    yield { ...viewer, written: caCertCredentialName, about, name: credentialUri(caCertCredentialName), part: 'roots' };
  }
}

/** The secrets of TLS that a rule has proxies originate. */
export function* wantedByRule(rule: Rule, viewer: Viewer): Generator<Wanted> {
  const [object] = rule.from;
  if (object === undefined) return;
  for (const { policy, field } of policiesOf(rule)) {
    const { mode, credentialName: written = '', insecureSkipVerify } = policy.tls ?? {};
    if (written === '' || (mode !== 'SIMPLE' && mode !== 'MUTUAL')) continue;
    const about = { object, field: [...field, 'tls', 'credentialName'] };
    if (mode === 'MUTUAL') yield { ...viewer, written, about, name: credentialUri(written), part: 'certificate' };
    if (insecureSkipVerify !== true) yield { ...viewer, written, about, name: rootsUri(written), part: 'roots' };
  }
}

/** Whether a rule names a credential anywhere. */
export function namesCredential(rule: Rule): boolean {
  return policiesOf(rule).some(({ policy: { tls } }) => (tls?.credentialName ?? '') !== '');
}

/** Objects to look for, the first that is there counts; or why nothing may be looked for. */
export type Places = { readonly ids: readonly string[]; readonly name: string } | { readonly refused: string };

/**
 * Where a wanted secret may stand: in the namespace of the proxy and nowhere else. Roots have an object of their own, or stand
 * in that of the certificate. A ConfigMap holds nothing secret, and is named with its namespace.
 */
export function placesOf({ written, part, namespace }: Pick<Wanted, 'written' | 'part' | 'namespace'>): Places {
  const parsed = credentialNameOf(written);
  if (parsed === undefined)
    return { refused: `${JSON.stringify(written)} names no Secret: write its name, or configmap://namespace/name for roots` };
  if (parsed.kind === 'config-map') {
    if (part === 'certificate')
      return { refused: `the ConfigMap ${parsed.namespace}/${parsed.name} holds no key for mode MUTUAL` };
    const id = objectId({ kind: 'ConfigMap', namespace: parsed.namespace, name: parsed.name });
    return { ids: [id], name: `ConfigMap ${parsed.namespace}/${parsed.name}` };
  }
  if (parsed.namespace !== undefined && parsed.namespace !== namespace)
    return {
      refused: `the Secret ${parsed.namespace}/${parsed.name} is not given to proxies of namespace ${namespace}: only those of its own namespace get it`,
    };
  return { ids: idsOf(parsed, part, namespace), name: `Secret ${namespace}/${parsed.name}` };
}

function idsOf({ name }: CredentialName, part: Wanted['part'], namespace: string): readonly string[] {
  const id = (of: string) => objectId({ kind: 'Secret', namespace, name: of });
  if (part === 'certificate') return [id(name)];
  return name.endsWith(ROOTS_SUFFIX) ? [id(name), id(name.slice(0, -ROOTS_SUFFIX.length))] : [id(name + ROOTS_SUFFIX), id(name)];
}
