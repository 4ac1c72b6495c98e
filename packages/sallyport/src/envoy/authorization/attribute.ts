import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CidrRangeSchema } from '@sallyport/apis/core';
import type { PermissionSchema, PrincipalSchema } from '@sallyport/apis/rbac';
import { ipFamily, parseCidr } from '../../lib/ip.ts';
import { accountMatcher, namespaceMatcher, principalMatchers, trustDomainMatcher } from './identity.ts';
import { headerMatcher, quoted, regex, type TextMatcher, textMatcher } from './text.ts';

export type PrincipalInit = MessageInitShape<typeof PrincipalSchema>;
export type PermissionInit = MessageInitShape<typeof PermissionSchema>;

/** What values are read against. */
export interface Scene {
  /** Of the policy. */
  readonly namespace: string;
  /** The mesh's own first, then its aliases. */
  readonly trustDomains: readonly string[];
}

/** Something about a call that a policy compares with values. Envoy asks about the caller and about the call apart. */
export type Attribute =
  | { readonly of: 'caller'; readonly http: boolean; readonly test: (value: string, scene: Scene) => PrincipalInit }
  | { readonly of: 'call'; readonly http: boolean; readonly test: (value: string, scene: Scene) => PermissionInit };

const TRUE = { case: 'any', value: true } as const;
export const ANYBODY: PrincipalInit = { identifier: TRUE };
export const ANYTHING: PermissionInit = { rule: TRUE };
/** No caller is this: what is asked about is never known here. */
const NOBODY: PrincipalInit = { identifier: { case: 'notId', value: ANYBODY } };

const certified = (principalName: TextMatcher): PrincipalInit => ({
  identifier: { case: 'authenticated', value: { principalName } },
});
const oneOf = (ids: readonly PrincipalInit[]): PrincipalInit =>
  ids.length === 1 ? ids[0]! : { identifier: { case: 'orIds', value: { ids: [...ids] } } };

function caller(test: (value: string, scene: Scene) => PrincipalInit, http = false): Attribute {
  return { of: 'caller', http, test };
}
function call(test: (value: string) => PermissionInit, http = false): Attribute {
  return { of: 'call', http, test };
}

const nobody = caller(() => NOBODY, true);
const principal = caller((value, { trustDomains }) => oneOf(principalMatchers(value, trustDomains).map(certified)));
const namespace = caller((value) => certified(namespaceMatcher(value)));
const account = caller((value, scene) => certified(accountMatcher(value, scene.namespace)));
const trustDomain = caller((value) => certified(trustDomainMatcher(value)));
const peerAddress = caller((value) => ({ identifier: { case: 'directRemoteIp', value: range(value) } }));
const clientAddress = caller((value) => ({ identifier: { case: 'remoteIp', value: range(value) } }));
const port = call((value) => ({ rule: { case: 'destinationPort', value: Number(value) } }));

/** Fields of `source` (spec.rules[].from). */
export const SOURCE = {
  principals: principal,
  requestPrincipals: nobody,
  namespaces: namespace,
  serviceAccounts: account,
  trustDomains: trustDomain,
  ipBlocks: peerAddress,
  remoteIpBlocks: clientAddress,
} as const satisfies Readonly<Record<string, Attribute>>;

/** Fields of `operation` (spec.rules[].to). */
export const OPERATION = {
  hosts: call((value) => ({ rule: { case: 'header', value: headerMatcher(':authority', value, true) } }), true),
  ports: port,
  methods: call((value) => ({ rule: { case: 'header', value: headerMatcher(':method', value) } }), true),
  paths: call((value) => ({ rule: { case: 'urlPath', value: { rule: { case: 'path', value: pathMatcher(value) } } } }), true),
} as const satisfies Readonly<Record<string, Attribute>>;

const CONDITION: Readonly<Record<string, Attribute>> = {
  'source.ip': peerAddress,
  'remote.ip': clientAddress,
  'source.namespace': namespace,
  'source.principal': principal,
  'source.serviceAccount': account,
  'source.trustDomain': trustDomain,
  'destination.ip': call((value) => ({ rule: { case: 'destinationIp', value: range(value) } })),
  'destination.port': port,
  'connection.sni': call((value) => ({ rule: { case: 'requestedServerName', value: textMatcher(value) } })),
};

/** The attribute behind a key of `when`; what is not known here (tokens, other filters) holds for nobody. */
export function conditionAttribute(key: string): Attribute {
  const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
  if (header !== undefined)
    return caller((value) => ({ identifier: { case: 'header', value: headerMatcher(header, value) } }), true);
  return CONDITION[key] ?? nobody;
}

/** Templates (`{*}`, `{**}`) as expressions: a segment, or any number of them. */
function pathMatcher(path: string): TextMatcher {
  if (!/[{}]/.test(path)) return textMatcher(path);
  return regex(
    path
      .split(/(\{\*\*?\})/)
      .map((part) => ({ '{*}': '[^/]+', '{**}': '.*' })[part] ?? quoted(part))
      .join(''),
  );
}

/** An address or a prefix; admission lets nothing else in. */
function range(text: string): MessageInitShape<typeof CidrRangeSchema> {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return { addressPrefix: cidr.prefix, prefixLen: cidr.length };
  return { addressPrefix: text, prefixLen: ipFamily(text) === 6 ? 128 : 32 };
}
