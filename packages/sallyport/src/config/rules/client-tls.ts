import type { ClientTls } from '../../model/index.ts';
import { type Finding, invalid, missing, shown } from '../finding.ts';
import type { Path } from '../yaml/position.ts';

const CONFIG_MAP = 'configmap://';

/** TLS that proxies originate (spec/istio.md 2.7). */
export function* checkClientTls(tls: ClientTls | undefined, namespace: string, field: Path): Iterable<Finding> {
  if (tls === undefined) return;
  const { mode = 'DISABLE', credentialName = '', caCertificates = '', clientCertificate = '', privateKey = '', caCrl = '' } = tls;
  const simple = mode === 'SIMPLE';
  const mutual = mode === 'MUTUAL';
  if (tls.insecureSkipVerify === true && (simple || mutual)) {
    const clash =
      caCertificates !== ''
        ? 'caCertificates'
        : (tls.subjectAltNames ?? []).length > 0
          ? 'subjectAltNames'
          : simple && credentialName !== ''
            ? 'credentialName'
            : undefined;
    if (clash !== undefined)
      yield invalid(
        [...field, clash],
        `\`${clash}\` verifies the server, and \`insecureSkipVerify\` says not to`,
        'keep one of the two',
      );
  }
  if (credentialName !== '' && (simple || mutual)) {
    for (const [name, value] of Object.entries({ clientCertificate, privateKey, caCertificates, caCrl }))
      if (value !== '')
        yield invalid(
          [...field, name],
          `\`credentialName\` and \`${name}\` exclude each other`,
          'certificates come from one place',
        );
    yield* checkCredential(credentialName, namespace, [...field, 'credentialName']);
    return;
  }
  if (!mutual) return;
  if (clientCertificate === '')
    yield missing([...field, 'clientCertificate'], 'mutual TLS needs `clientCertificate`', 'or set `credentialName`');
  if (privateKey === '') yield missing([...field, 'privateKey'], 'mutual TLS needs `privateKey`', 'or set `credentialName`');
}

function* checkCredential(name: string, namespace: string, field: Path): Iterable<Finding> {
  if (!name.startsWith(CONFIG_MAP)) return;
  const [place, key, ...rest] = name.slice(CONFIG_MAP.length).split('/');
  if (key === undefined ? place === '' : place === '' || key === '' || rest.length > 0)
    yield invalid(field, `${shown(name)} names no ConfigMap`, 'write configmap://namespace/name');
  else if (key !== undefined && place !== namespace)
    yield invalid(field, `${shown(name)} is in another namespace than the rule`, `use a ConfigMap in ${shown(namespace)}`);
}
