/** Largest ring that Envoy makes (its default `maximum_ring_size`); a larger minimum keeps it from taking any further cluster. */
export const LARGEST_RING = 8_388_608;

/** What Envoy's TLS library knows by name. It refuses a whole listener or cluster for one unknown name. */
const CIPHER_SUITES: ReadonlySet<string> = new Set([
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]);
const CURVES: ReadonlySet<string> = new Set(['X25519', 'x25519', 'P-256', 'P-384', 'P-521', 'X25519MLKEM768']);

/** Whether Istio's API knows a cipher suite; a name may be taken away with a dash before it. */
export const isCipherSuite = (name: string): boolean => CIPHER_SUITES.has(name.replace(/^-/, ''));

export const isCurve = (name: string): boolean => CURVES.has(name);

/** The suites of a list that Envoy can be given; none where only names to take away would be left, which it refuses. */
export function usableSuites(names: readonly string[] = []): readonly string[] {
  const known = [...new Set(names)].filter(isCipherSuite);
  return known.every((name) => name.startsWith('-')) ? [] : known;
}

export function usableCurves(names: readonly string[] = []): readonly string[] {
  return [...new Set(names)].filter(isCurve);
}

/** SHA-256 of a certificate: 64 hexadecimal digits, or 32 pairs of them with colons between. */
export const isCertificateHash = (text: string): boolean => /^(?:[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i.test(text);

/** SHA-256 of a public key in base64. */
export const isKeyHash = (text: string): boolean => /^[A-Za-z0-9+/]{43}=$/.test(text);

/** Text for a header or a path: Envoy refuses the routes of all hosts for a line break or a zero byte in one of them. */
export const hasLineBreak = (text: string): boolean => /[\0\n\r]/.test(text);

export const withoutLineBreaks = (text: string): string => text.replaceAll(/[\0\n\r]/g, '');
