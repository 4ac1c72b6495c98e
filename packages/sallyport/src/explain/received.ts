import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  type HttpConnectionManager,
} from '@sallyport/apis/http';
import { type Call, withoutPort } from './call.ts';

/**
 * A call as routes see it: the connection manager may cut the port or the last dot off the host and bring the path into
 * normal form before it looks for a route (HttpConnectionManager in Envoy's API).
 */
export function received(call: Call, manager: HttpConnectionManager): Call {
  return { ...call, host: hostOf(call, manager), path: pathOf(call.path, manager) };
}

function hostOf(
  { host, port }: Call,
  { stripMatchingHostPort, stripPortMode, stripTrailingHostDot }: HttpConnectionManager,
): string {
  const anyPort = stripPortMode.case === 'stripAnyHostPort' && stripPortMode.value;
  const bare = anyPort || (stripMatchingHostPort && host.endsWith(`:${port}`)) ? withoutPort(host) : host;
  return stripTrailingHostDot ? bare.replace(/\.(?=(:\d+)?$)/, '') : bare;
}

function pathOf(path: string, { normalizePath, mergeSlashes, pathWithEscapedSlashesAction }: HttpConnectionManager): string {
  const end = path.search(/[?#]/);
  const [before, after] = end === -1 ? [path, ''] : [path.slice(0, end), path.slice(end)];
  const unescaped = UNESCAPING.has(pathWithEscapedSlashesAction) ? before.replace(/%(2f|5c)/gi, slashOf) : before;
  const normal = normalizePath === true && unescaped.startsWith('/') ? withoutDots(unescaped) : unescaped;
  return `${mergeSlashes ? normal.replace(/\/{2,}/g, '/') : normal}${after}`;
}

const UNESCAPING: ReadonlySet<EscapedSlashes> = new Set([
  EscapedSlashes.UNESCAPE_AND_FORWARD,
  EscapedSlashes.UNESCAPE_AND_REDIRECT,
]);

const slashOf = (escaped: string): string => (escaped.toLowerCase() === '%2f' ? '/' : '\\');

/**
 * Envoy takes the rules of URLs in browsers, as the URL class does: dot segments are resolved, `\` is a slash. Envoy’s path normalisation: letters,
 * digits and `-._~` that are escaped without need are spelled out, which the URL class leaves alone.
 */
function withoutDots(path: string): string {
  const plain = path.replace(/%(2[de]|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/gi, (escaped) => decodeURIComponent(escaped));
  return new URL(`http://host${plain}`).pathname;
}
