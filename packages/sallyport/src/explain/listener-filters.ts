import { anyIs } from '@bufbuild/protobuf/wkt';
import {
  HttpInspectorSchema,
  type Listener,
  type ListenerFilter,
  type ListenerFilterChainMatchPredicate,
  TlsInspectorSchema,
} from '@sallyport/apis/listener';
import type { Call } from './call.ts';
import type { ListenerFilterStep } from './step.ts';

/** What a proxy knows of a connection when it chooses a filter chain. */
export interface Seen {
  readonly address: string;
  readonly port: number;
  readonly transport: 'tls' | 'raw_buffer';
  /** Lower case; empty: none seen. */
  readonly sni: string;
  readonly alpn: readonly string[];
}

const INSPECTORS = { tls_inspector: TlsInspectorSchema, http_inspector: HttpInspectorSchema } as const;

/**
 * Runs the inspectors of a listener (conformance/README.md section 2, step 2): without the TLS inspector nobody reads the
 * ClientHello, so that TLS looks like any bytes; the HTTP inspector recognises plaintext HTTP by its first bytes.
 */
export function inspect(listener: Listener, call: Call): { readonly seen: Seen; readonly steps: readonly ListenerFilterStep[] } {
  const { address, port } = call;
  const tlsState = stateOf(listener, 'tls_inspector', port);
  const isTls = call.tls !== 'plaintext' && tlsState === 'ran';
  const hello: Seen = isTls
    ? { address, port, transport: 'tls', sni: call.sni.toLowerCase(), alpn: call.alpn }
    : { address, port, transport: 'raw_buffer', sni: '', alpn: [] };
  const httpState = stateOf(listener, 'http_inspector', port);
  const isHttp = call.tls === 'plaintext' && call.protocol !== 'tcp' && httpState === 'ran';
  const seen: Seen = isHttp ? { ...hello, alpn: [call.protocol === 'http' ? 'http/1.1' : 'h2c'] } : hello;
  const step = (filter: ListenerFilterStep['filter'], state: ListenerFilterStep['state'], { transport, sni, alpn }: Seen) =>
    ({ at: 'listenerFilter', filter, state, transport, sni, alpn }) as const;
  return { seen, steps: [step('tls_inspector', tlsState, hello), step('http_inspector', httpState, seen)] };
}

function stateOf(listener: Listener, inspector: keyof typeof INSPECTORS, port: number): ListenerFilterStep['state'] {
  const filters = listener.listenerFilters.filter((filter) => is(filter, inspector));
  if (filters.length === 0) return 'absent';
  return filters.some((f) => f.filterDisabled === undefined || !holds(f.filterDisabled, port)) ? 'ran' : 'disabled';
}

/** Envoy goes by the type of the configuration; by name only where there is none. */
function is(filter: ListenerFilter, inspector: keyof typeof INSPECTORS): boolean {
  if (filter.configType.case === 'typedConfig') return anyIs(filter.configType.value, INSPECTORS[inspector]);
  return filter.name === `envoy.filters.listener.${inspector}`;
}

/** Whether a predicate of a listener filter holds for a destination port. */
function holds(predicate: ListenerFilterChainMatchPredicate, port: number): boolean {
  const { rule } = predicate;
  switch (rule.case) {
    case 'orMatch':
      return rule.value.rules.some((part) => holds(part, port));
    case 'andMatch':
      return rule.value.rules.every((part) => holds(part, port));
    case 'notMatch':
      return !holds(rule.value, port);
    case 'anyMatch':
      return rule.value;
    case 'destinationPortRange':
      return rule.value.start <= port && port < rule.value.end;
    case undefined:
      return false;
  }
}
