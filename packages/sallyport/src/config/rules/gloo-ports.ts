import { type Finding, invalid, missing, shown } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { isDnsLabel } from './names.ts';
import { checkPortNumber } from './shared.ts';

/** Rules that ExternalService, ExternalEndpoint and VirtualDestination share. */

const PROTOCOLS: ReadonlySet<string> = new Set(['HTTP', 'HTTPS', 'GRPC', 'HTTP2', 'MONGO', 'TCP', 'TLS']);
const PROTOCOL_NAMES = [...PROTOCOLS].join(', ');

/** `protocol` of a port of an ExternalService or VirtualDestination. */
export function* checkGlooProtocol(protocol: string | undefined, field: Path): Iterable<Finding> {
  if (protocol === undefined || protocol === '') yield missing(field, '`protocol` is missing', `one of ${PROTOCOL_NAMES}`);
  else if (!PROTOCOLS.has(protocol.toUpperCase()))
    yield invalid(field, `${shown(protocol)} is no protocol of an external service`, `one of ${PROTOCOL_NAMES}`);
}

/** Port numbers and names, each of which may stand there once. Names may be absent. */
export function* checkUniquePorts(
  ports: readonly { readonly number?: number; readonly name?: string }[],
  field: Path,
): Iterable<Finding> {
  const numbers = new Set<number>();
  const names = new Set<string>();
  for (const [i, { number = 0, name }] of ports.entries()) {
    const at = [...field, i];
    yield* checkPortNumber(number, [...at, 'number']);
    if (numbers.has(number)) yield invalid([...at, 'number'], `port ${number} stands there twice`, 'keep one of them');
    numbers.add(number);
    if (name === undefined || name === '') continue;
    if (!isDnsLabel(name))
      yield invalid([...at, 'name'], `${shown(name)} is no port name`, 'use letters, digits and dashes, at most 63');
    if (names.has(name)) yield invalid([...at, 'name'], `two ports are named ${shown(name)}`, 'give every port its own name');
    names.add(name);
  }
}

/** Texts that may stand there once, whatever their case. */
export function* checkUniqueTexts(texts: readonly string[], field: Path): Iterable<Finding> {
  const seen = new Set<string>();
  for (const [i, text] of texts.entries()) {
    const plain = text.toLowerCase();
    if (seen.has(plain)) yield invalid([...field, i], `${shown(text)} stands there twice`, 'keep one of them');
    seen.add(plain);
  }
}
