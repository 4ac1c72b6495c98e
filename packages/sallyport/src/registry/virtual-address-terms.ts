import { parseDuration } from '../lib/duration.ts';
import { parseCidr } from '../lib/ip.ts';
import { fieldText, VIRTUAL_ADDRESSES, type VirtualAddressTerms } from '../model/index.ts';
import type { FieldReader } from './field.ts';

const MINUTE = 60e9;

/** Reads `sallyport.virtualAddresses`; what is refused stays as it was. */
export function virtualAddressTerms(
  reader: FieldReader,
  value: unknown,
  field: readonly (string | number)[],
  before: VirtualAddressTerms,
): VirtualAddressTerms {
  let terms = before;
  for (const [name, option] of Object.entries(reader.record(value, field) ?? {})) {
    const at = [...field, name];
    if (name === 'ipv4' || name === 'ipv6') terms = { ...terms, [name]: prefix(reader, option, at, name) ?? terms[name] };
    else if (name === 'rest') terms = { ...terms, rest: rest(reader, option, at) ?? terms.rest };
    else reader.say('UNKNOWN_FIELD', 'warning', at, `${fieldText(at)} is no option of virtual addresses and is ignored`);
  }
  return terms;
}

function prefix(
  reader: FieldReader,
  value: unknown,
  at: readonly (string | number)[],
  name: 'ipv4' | 'ipv6',
): string | undefined {
  const [family, longest] = name === 'ipv4' ? [4, 30] : [6, 126];
  const cidr = typeof value === 'string' ? parseCidr(value) : undefined;
  if (cidr?.family === family && cidr.length <= longest) return `${cidr.prefix}/${cidr.length}`;
  return reader.wrong(at, value, `an IPv${family} prefix of at most ${longest} bits such as ${VIRTUAL_ADDRESSES[name]}`);
}

/** Callers keep an answer for some time: an address must not mean somebody else by then. */
function rest(reader: FieldReader, value: unknown, at: readonly (string | number)[]): string | undefined {
  const nanoseconds = typeof value === 'string' ? parseDuration(value) : undefined;
  if (nanoseconds !== undefined && nanoseconds >= MINUTE) return value as string;
  return reader.wrong(at, value, 'a duration of at least 1m such as 24h');
}
