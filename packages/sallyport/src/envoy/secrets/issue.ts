import type { Credential, Issue } from '../../model/index.ts';
import type { Places, Wanted } from './wanted.ts';

/** What is missing for a wanted secret, at the field that asks for it; nothing if all is there. Repeats nothing of a secret. */
export function secretIssue(wanted: Wanted, places: Places, found: Credential | undefined): Issue | undefined {
  const { about, part } = wanted;
  const effect =
    about.object.kind === 'Gateway' ? 'the server completes no TLS handshake' : 'calls to this host fail in the TLS handshake';
  if ('refused' in places) {
    const hint = 'name a Secret in the namespace of the proxies';
    return { code: 'INVALID_VALUE', severity: 'error', message: `${places.refused}; ${effect}`, hint, ...about };
  }
  if (found === undefined) {
    const hint =
      part === 'certificate' ? 'create it, of type kubernetes.io/tls with tls.crt and tls.key' : 'create it, with ca.crt';
    const message = `there is no ${places.name}: until there is one, ${effect}`;
    return { code: 'DANGLING_REFERENCE', severity: 'warning', message, hint, ...about };
  }
  const { kind, namespace, name } = found.key;
  const { [part]: given } = found;
  if (given.kind === 'given') return undefined;
  const hint =
    part === 'certificate' ? 'put a PEM chain under tls.crt and its key under tls.key' : 'put PEM certificates under ca.crt';
  return {
    code: 'INVALID_VALUE',
    severity: 'error',
    message: `${kind} ${namespace}/${name} ${given.why}; ${effect}`,
    hint,
    ...about,
  };
}
