import type { PeerMode, Protocol } from '../../model/index.ts';
import { isHttp, isTcp } from '../../model/index.ts';
import { PLAINTEXT_HTTP } from '../listeners/match.ts';

/** What a server knows of the bytes of a port: the user said it, or they are looked into. */
export type Family = 'http' | 'tcp' | 'auto';

/** One chain of a set: which connections it takes, whether it ends mutual TLS, and how it carries them on. */
export interface ChainKind {
  readonly transport: 'tls' | 'raw_buffer';
  /** Empty: any, or none. */
  readonly alpn: readonly string[];
  readonly mutual: boolean;
  readonly carries: 'http' | 'tcp';
}

/** What proxies of the mesh say of themselves in ALPN. */
const MUTUAL_HTTP: readonly string[] = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
const MUTUAL_TCP: readonly string[] = ['istio-peer-exchange', 'istio'];
const MUTUAL: readonly string[] = ['istio', 'istio-peer-exchange', ...MUTUAL_HTTP];

const mutual = (carries: 'http' | 'tcp', alpn: readonly string[] = []): ChainKind => ({
  transport: 'tls',
  alpn,
  mutual: true,
  carries,
});
const plain = (carries: 'http' | 'tcp', alpn: readonly string[] = []): ChainKind => ({
  transport: 'raw_buffer',
  alpn,
  mutual: false,
  carries,
});
/** TLS of somebody else's, which the workload itself ends. */
const FOREIGN: ChainKind = { transport: 'tls', alpn: [], mutual: false, carries: 'tcp' };

/** The table of spec/istio.md 11. */
export const CHAIN_SETS: Readonly<Record<PeerMode, Readonly<Record<Family, readonly ChainKind[]>>>> = {
  PERMISSIVE: {
    auto: [mutual('http', MUTUAL_HTTP), plain('http', PLAINTEXT_HTTP), mutual('tcp', MUTUAL_TCP), plain('tcp'), FOREIGN],
    http: [mutual('http', MUTUAL), plain('http')],
    tcp: [mutual('tcp', MUTUAL), FOREIGN, plain('tcp')],
  },
  STRICT: {
    auto: [mutual('http', MUTUAL_HTTP), mutual('tcp')],
    http: [mutual('http')],
    tcp: [mutual('tcp')],
  },
  DISABLE: {
    auto: [plain('http', PLAINTEXT_HTTP), plain('tcp')],
    http: [plain('http')],
    tcp: [plain('tcp')],
  },
};

export function familyOf(protocol: Protocol): Family {
  if (isHttp(protocol)) return 'http';
  return isTcp(protocol) ? 'tcp' : 'auto';
}
