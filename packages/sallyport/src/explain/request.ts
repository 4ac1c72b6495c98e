import type { Call } from './call.ts';

/** An HTTP call as routes look at it. */
export interface HttpRequest {
  /** Without query and fragment. */
  readonly path: string;
  readonly tls: Call['tls'];
  /** First value of each query parameter, as written. */
  readonly query: ReadonlyMap<string, string>;
  /** Value of a header, pseudo headers included; undefined if the request has none. */
  header(name: string): string | undefined;
}

export function requestOf(call: Call): HttpRequest {
  const pseudo: Readonly<Record<string, string>> = {
    ':method': call.method,
    ':authority': call.host,
    ':scheme': call.tls === 'plaintext' ? 'http' : 'https',
    ':path': call.path,
    // Envoy turns Host into :authority, and finds it under either name.
    host: call.host,
  };
  const [path = ''] = call.path.split(/[?#]/, 1);
  return {
    path,
    tls: call.tls,
    query: queryOf(call.path),
    header: (name) => {
      const key = name.toLowerCase();
      return Object.hasOwn(pseudo, key) ? pseudo[key] : Object.hasOwn(call.headers, key) ? call.headers[key] : undefined;
    },
  };
}

function queryOf(path: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  const [beforeFragment = ''] = path.split('#', 1);
  const start = beforeFragment.indexOf('?');
  if (start === -1) return query;
  for (const pair of beforeFragment.slice(start + 1).split('&')) {
    const equals = pair.indexOf('=');
    const [name, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    if (!query.has(name)) query.set(name, value);
  }
  return query;
}
