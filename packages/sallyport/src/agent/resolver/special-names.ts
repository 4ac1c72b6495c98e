import { type Addresses, byFamily, type Found, UNKNOWN } from './names.ts';

/** Names that no server is asked about: `none` says that they do not exist. */
type Special = Addresses | 'none';

const LOOPBACK: Addresses = byFamily(['127.0.0.1', '::1']);

/** By the end of the name. Tables come before: they may have any of these. */
const SPECIAL: Readonly<Record<string, Special>> = {
  // RFC 6761 6.3: the machine itself, whatever a server would say.
  localhost: LOOPBACK,
  // RFC 6761 6.4.
  invalid: 'none',
  // RFC 7686 2: names of another system, not to be shown to servers.
  onion: 'none',
  // RFC 9462 8: whoever answers here must not let others say where an encrypted resolver is.
  'resolver.arpa': 'none',
  // Mozilla's "canary domain": browsers that would take names past this resolver, over HTTPS, leave that.
  'use-application-dns.net': 'none',
};

/** What is known of a name without any table; `none` when it does not exist. `name` is lower case, without final dot. */
export function specialName(name: string): Found | 'none' {
  for (const [end, special] of ENTRIES) {
    if (!name.endsWith(end) || (name.length > end.length && name[name.length - end.length - 1] !== '.')) continue;
    return special === 'none' ? 'none' : { kind: 'known', addresses: special };
  }
  return UNKNOWN;
}

const ENTRIES = Object.entries(SPECIAL);
