import {
  type ConfigObject,
  type GatewaySpec,
  type Issue,
  isCertificateHash,
  isCurve,
  isKeyHash,
  type ServerTlsSettings,
  type SidecarSpec,
} from '../../model/index.ts';
import { finding } from './finding.ts';

type Named = Pick<ConfigObject, 'key' | 'origin'>;
type Field = readonly (string | number)[];

/** TLS of a Gateway's servers that Envoy would refuse, and with it the listener. */
export function gatewayTlsFindings(object: ConfigObject<GatewaySpec>): readonly Issue[] {
  return (object.spec.servers ?? []).flatMap(({ tls }, i) => tlsFindings(object, tls, ['spec', 'servers', i, 'tls']));
}

/** Likewise of a Sidecar's ingress listeners. */
export function sidecarTlsFindings(object: ConfigObject<SidecarSpec>): readonly Issue[] {
  return (object.spec.ingress ?? []).flatMap(({ tls }, i) => tlsFindings(object, tls, ['spec', 'ingress', i, 'tls']));
}

interface List {
  readonly name: 'ecdhCurves' | 'verifyCertificateHash' | 'verifyCertificateSpki';
  readonly isGood: (text: string) => boolean;
  readonly what: string;
  readonly hint: string;
}

const LISTS: readonly List[] = [
  {
    name: 'ecdhCurves',
    isGood: isCurve,
    what: 'a curve that Envoy knows',
    hint: 'X25519, P-256, P-384, P-521 or X25519MLKEM768',
  },
  {
    name: 'verifyCertificateHash',
    isGood: isCertificateHash,
    what: 'a SHA-256 of a certificate',
    hint: '64 hexadecimal digits, as openssl x509 -outform DER | openssl dgst -sha256 prints them',
  },
  {
    name: 'verifyCertificateSpki',
    isGood: isKeyHash,
    what: 'a SHA-256 of a public key in base64',
    hint: '44 characters, the last of which is =',
  },
];

function tlsFindings(object: Named, tls: ServerTlsSettings | undefined, field: Field): readonly Issue[] {
  if (tls === undefined) return [];
  return LISTS.flatMap(({ name, isGood, what, hint }) =>
    (tls[name] ?? []).flatMap((text, i) => {
      if (isGood(text)) return [];
      const message = `${JSON.stringify(text.slice(0, 40))} is not ${what}; it is left out`;
      return [finding(object, 'INVALID_VALUE', 'error', [...field, name, i], message, hint)];
    }),
  );
}
