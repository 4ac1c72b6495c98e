import { type Answer as DnsRecord, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import { ipFamily } from '../lib/ip.ts';
import type { Question } from '../model/index.ts';

/** What a server says to a question. */
export type Reply =
  /** Never empty. In the order given; `ttl` in seconds, the least of the addresses and of the aliases that lead to them. */
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly ttl: number }
  /** The name does not exist, or has no record of the type; `ttl` in seconds where the zone says how long that holds (RFC 2308). */
  | { readonly kind: 'none'; readonly exists: boolean; readonly ttl: number | undefined }
  /** The whole answer is to be had over TCP. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'failed'; readonly detail: string };

/** An answer with more addresses, or more aliases on the way, is an attack or a mistake. */
const MOST_ADDRESSES = 512;
const MOST_ALIASES = 16;
/** What goes through every network in one piece (dnsflagday.net 2020). */
const UDP_SIZE = 1_232;

/** A query with recursion, with EDNS unless a server did not understand that. The name is absolute: no search domain is added. */
export function queryFor(id: number, { name, type }: Question, edns: boolean): Buffer {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: 'IN' }],
    ...(edns && {
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: UDP_SIZE,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    }),
  });
}

/**
 * Reads what may be the reply to a query. Undefined for what is none: another id, another question, not a reply, or unreadable;
 * such a packet is ignored, and the right one waited for (RFC 5452 section 9). Of a reply only records on the way from the name
 * asked for count.
 */
export function readReply(bytes: Buffer, id: number, question: Question): Reply | undefined {
  const packet = decoded(bytes);
  if (packet === undefined || packet.type !== 'response' || packet.id !== id) return undefined;
  const [asked, ...others] = packet.questions ?? [];
  if (asked === undefined || others.length > 0 || asked.type !== question.type || lowered(asked.name) !== question.name)
    return undefined;
  if (packet.flag_tc) return { kind: 'truncated' };
  const code = (packet as Packet & { rcode?: string }).rcode ?? 'NOERROR';
  if (code === 'NXDOMAIN') return { kind: 'none', exists: false, ttl: negativeTtl(packet) };
  if (code !== 'NOERROR') return { kind: 'failed', detail: code };
  return followed(packet, question);
}

/** Whether a server may have stumbled over EDNS (RFC 6891 section 7). */
export const dislikesEdns = (reply: Reply): boolean => reply.kind === 'failed' && /^(FORMERR|NOTIMP)$/.test(reply.detail);

function followed(packet: Packet, { name, type }: Question): Reply | undefined {
  const answers = packet.answers ?? [];
  let at = name;
  let ttl = Number.POSITIVE_INFINITY;
  for (let aliases = 0; ; aliases += 1) {
    const found = answers.filter((record): record is AddressRecord => record.type === type && lowered(record.name) === at);
    if (found.length > MOST_ADDRESSES) return { kind: 'failed', detail: `more than ${MOST_ADDRESSES} addresses` };
    // The library reads what is cut off as nothing.
    if (found.some(({ data }) => ipFamily(data) !== (type === 'A' ? 4 : 6))) return undefined;
    if (found.length > 0) {
      const times = found.map((record) => record.ttl ?? 0);
      return { kind: 'addresses', addresses: [...new Set(found.map(({ data }) => data))], ttl: Math.min(ttl, ...times) };
    }
    const alias = answers.find((record): record is AliasRecord => record.type === 'CNAME' && lowered(record.name) === at);
    if (alias === undefined) return { kind: 'none', exists: true, ttl: negativeTtl(packet) };
    if (aliases === MOST_ALIASES) return { kind: 'failed', detail: `more than ${MOST_ALIASES} aliases` };
    ttl = Math.min(ttl, alias.ttl ?? 0);
    at = lowered(alias.data);
  }
}

type AddressRecord = DnsRecord & { readonly data: string; readonly ttl?: number };
type AliasRecord = DnsRecord & { readonly data: string; readonly ttl?: number };

/** The lesser of the SOA record's own time and its minimum (RFC 2308 section 5). */
function negativeTtl({ authorities = [] }: Packet): number | undefined {
  for (const record of authorities) if (record.type === 'SOA') return Math.min(record.ttl ?? 0, record.data.minimum ?? 0);
  return undefined;
}

const lowered = (name: string): string => name.toLowerCase().replace(/\.$/, '');

function decoded(bytes: Buffer): (Packet & { readonly flag_tc?: boolean }) | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
