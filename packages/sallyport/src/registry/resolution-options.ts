import { parseDuration } from '../lib/duration.ts';
import { ipFamily, parseCidr } from '../lib/ip.ts';
import { type AllowedAddresses, type DnsOptions, type DnsResolver, fieldText, type SallyportOptions } from '../model/index.ts';
import { type FieldReader, isRecord } from './field.ts';

type Path = readonly (string | number)[];

export const RESOLVED_BY = ['proxy', 'control-plane'] as const;
export const WILDCARDS = ['original-destination', 'dynamic-dns'] as const;
const DNS_PORT = 53;

/** Reads `sallyport.wildcards` of the mesh configuration (docs/resolution.md). */
export function wildcardsOption(r: FieldReader, value: unknown, field: Path): Pick<SallyportOptions, 'wildcards'> {
  const word = r.choice(value, field, WILDCARDS);
  return word === undefined ? {} : { wildcards: word };
}

/** Reads `sallyport.dns`: an object, or its first field alone as a word. */
export function dnsOptions(r: FieldReader, value: unknown, field: Path): Pick<SallyportOptions, 'dns'> {
  if (typeof value === 'string') {
    const resolvedBy = r.choice(value, field, RESOLVED_BY);
    return resolvedBy === undefined ? {} : { dns: { resolvedBy } };
  }
  const given = r.record(value, field);
  if (given === undefined) return {};
  let dns: DnsOptions = {};
  for (const [name, option] of Object.entries(given)) {
    const at = [...field, name];
    const read = FIELDS[name];
    if (read === undefined) r.say('UNKNOWN_FIELD', 'warning', at, `${fieldText(at)} is no option of dns and is ignored`);
    else dns = { ...dns, ...read(r, option, at) };
  }
  const { minTtl, maxTtl } = dns;
  if (minTtl === undefined || maxTtl === undefined || parseDuration(minTtl)! <= parseDuration(maxTtl)!) return { dns };
  r.wrong([...field, 'minTtl'], minTtl, `at most maxTtl, which is ${maxTtl}`);
  const { minTtl: _, ...rest } = dns;
  return { dns: rest };
}

const FIELDS: Readonly<Record<string, (r: FieldReader, value: unknown, field: Path) => DnsOptions>> = {
  resolvedBy: (r, value, field) => {
    const resolvedBy = r.choice(value, field, RESOLVED_BY);
    return resolvedBy === undefined ? {} : { resolvedBy };
  },
  resolvers: (r, value, field) => {
    const resolvers = eachOf(r, value, field, resolver);
    return resolvers.length === 0 ? {} : { resolvers };
  },
  minTtl: (r, value, field) => {
    const minTtl = ttl(r, value, field);
    return minTtl === undefined ? {} : { minTtl };
  },
  maxTtl: (r, value, field) => {
    const maxTtl = ttl(r, value, field);
    return maxTtl === undefined ? {} : { maxTtl };
  },
  allowedAddresses: (r, value, field) => {
    const allowedAddresses = eachOf(r, value, field, allowed);
    return allowedAddresses.length === 0 ? {} : { allowedAddresses };
  },
};

function eachOf<T>(
  r: FieldReader,
  value: unknown,
  field: Path,
  read: (r: FieldReader, value: unknown, field: Path) => T | undefined,
): readonly T[] {
  if (!Array.isArray(value)) {
    r.wrong(field, value, 'a list');
    return [];
  }
  return value.map((item, i) => read(r, item, [...field, i])).filter((item) => item !== undefined);
}

function resolver(r: FieldReader, value: unknown, field: Path): DnsResolver | undefined {
  if (!isRecord(value)) return typeof value === 'string' ? placed(r, value, field) : r.wrong(field, value, PLACE);
  const { address, zone } = value;
  const at = placed(r, address, [...field, 'address']);
  if (at === undefined || zone === undefined) return at;
  const name = r.text(zone, [...field, 'zone']);
  return name === undefined ? at : { ...at, zone: name };
}

const PLACE = 'an IP address, with a port if it is not 53, or an object {address, zone}';

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. */
function placed(r: FieldReader, value: unknown, field: Path): DnsResolver | undefined {
  if (typeof value !== 'string') return r.wrong(field, value, PLACE);
  if (ipFamily(value) !== 0) return { address: value, port: DNS_PORT };
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value) ?? [];
  const address = six ?? four ?? '';
  const isPlace = ipFamily(address) === (six === undefined ? 4 : 6) && Number(port) > 0 && Number(port) <= 65_535;
  return isPlace ? { address, port: Number(port) } : r.wrong(field, value, PLACE);
}

const SECOND = 1e9;

function ttl(r: FieldReader, value: unknown, field: Path): string | undefined {
  const nanoseconds = typeof value === 'string' ? parseDuration(value) : undefined;
  if (nanoseconds !== undefined && nanoseconds >= SECOND && nanoseconds <= 86_400 * SECOND) return value as string;
  return r.wrong(field, value, 'a duration from 1s to 24h');
}

function allowed(r: FieldReader, value: unknown, field: Path): AllowedAddresses | undefined {
  if (typeof value === 'string') {
    const range = rangeOf(value);
    return range === undefined ? r.wrong(field, value, RANGE) : { ranges: [range] };
  }
  const given = r.record(value, field);
  if (given === undefined) return undefined;
  const hosts = r.texts(given['hosts'], [...field, 'hosts']);
  const ranges = r.texts(given['ranges'], [...field, 'ranges']);
  if (hosts === undefined || ranges === undefined) return undefined;
  const read = ranges.map((range, i) => rangeOf(range) ?? r.wrong([...field, 'ranges', i], range, RANGE));
  return { hosts: hosts.map((host) => host.toLowerCase()), ranges: read.filter((range) => range !== undefined) };
}

const RANGE = 'an IP address or a CIDR such as 10.88.0.0/16';

/** As a CIDR, also for a single address. */
function rangeOf(text: string): string | undefined {
  const family = ipFamily(text);
  const cidr = parseCidr(family === 0 ? text : `${text}/${family === 4 ? 32 : 128}`);
  return cidr && `${cidr.prefix}/${cidr.length}`;
}
