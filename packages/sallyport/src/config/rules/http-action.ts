import { parseDuration } from '../../lib/duration.ts';
import type { CorsPolicy, HttpDirectResponse, HttpFault, HttpRetry, HttpRewrite, HttpRoute, Percent } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { isHeaderName } from './headers.ts';
import { checkStringMatch } from './http-match.ts';
import { badRegex } from './regex.ts';
import { checkDuration, checkPortNumber } from './shared.ts';
import { GRPC_STATUS, isKnownStatus, METHODS, RETRY_TOKENS } from './words.ts';

export function* checkPercentage(percentage: Percent | undefined, field: Path): Iterable<Finding> {
  const value = percentage?.value ?? 0;
  if (value < 0 || value > 100) yield invalid([...field, 'value'], `${value} is no percentage`, 'write a number from 0 to 100');
  else if (value > 0 && value < 0.0001)
    yield invalid([...field, 'value'], `${value} is below the smallest share, 0.0001`, 'write 0.0001 or more');
}

export function* checkCors(cors: CorsPolicy | undefined, field: Path): Iterable<Finding> {
  if (cors === undefined) return;
  for (const [i, origin] of (cors.allowOrigins ?? []).entries()) {
    if (Object.keys(origin).length === 0)
      yield missing([...field, 'allowOrigins', i], 'the origin says nothing', 'write `exact`, `prefix` or `regex`');
    yield* checkStringMatch(origin, [...field, 'allowOrigins', i]);
  }
  for (const [i, method] of (cors.allowMethods ?? []).entries())
    if (!METHODS.has(method))
      yield invalid([...field, 'allowMethods', i], `${shown(method)} is no HTTP method`, 'for example GET');
  for (const part of ['allowHeaders', 'exposeHeaders'] as const)
    for (const [i, name] of (cors[part] ?? []).entries())
      if (!isHeaderName(name) && name !== '*')
        yield invalid([...field, part, i], `${shown(name)} is no header name`, 'use letters, digits, dashes and underscores');
  yield* checkDuration(cors.maxAge, [...field, 'maxAge']);
  if ((parseDuration(cors.maxAge ?? '0') ?? 0) % 1e9 !== 0)
    yield invalid([...field, 'maxAge'], `${shown(cors.maxAge)} is no whole number of seconds`, 'browsers are told seconds');
}

export function* checkFault(fault: HttpFault | undefined, field: Path): Iterable<Finding> {
  if (fault === undefined) return;
  const { abort, delay } = fault;
  if (abort === undefined && delay === undefined) yield missing(field, 'the fault does nothing', 'write `abort` or `delay`');
  if (abort !== undefined) yield* checkAbort(abort, [...field, 'abort']);
  if (delay === undefined) return;
  const at = [...field, 'delay'];
  yield* checkPercentage(delay.percentage, [...at, 'percentage']);
  if (delay.percent !== undefined && (delay.percent < 0 || delay.percent > 100))
    yield invalid([...at, 'percent'], `${delay.percent} is no percentage`, 'write a number from 0 to 100');
  if ('exponentialDelay' in delay)
    yield invalid([...at, 'exponentialDelay'], 'growing delays are not supported', 'use `fixedDelay`');
  yield* checkDuration(delay.fixedDelay, [...at, 'fixedDelay']);
}

function* checkAbort(abort: NonNullable<HttpFault['abort']>, field: Path): Iterable<Finding> {
  yield* checkPercentage(abort.percentage, [...field, 'percentage']);
  const { httpStatus, grpcStatus } = abort;
  if ('http2Error' in abort) yield invalid([...field, 'http2Error'], 'HTTP/2 error codes are not supported', 'use `httpStatus`');
  else if (httpStatus !== undefined) {
    if (httpStatus < 200 || httpStatus > 600)
      yield invalid([...field, 'httpStatus'], `${httpStatus} is no HTTP status`, 'write a number from 200 to 599');
  } else if (grpcStatus !== undefined) {
    if (!GRPC_STATUS.has(grpcStatus))
      yield invalid([...field, 'grpcStatus'], `${shown(grpcStatus)} is no gRPC status`, 'for example UNAVAILABLE');
  }
}

export function* checkRedirect(route: HttpRoute, field: Path): Iterable<Finding> {
  const { redirect } = route;
  if (redirect === undefined) return;
  const { uri = '', prefixRewrite = '', authority = '', port = 0, scheme = '', redirectCode = 0 } = redirect;
  if (uri !== '' && prefixRewrite !== '')
    yield invalid([...field, 'prefixRewrite'], '`uri` and `prefixRewrite` exclude each other', 'keep one of them');
  if (prefixRewrite !== '' && (route.match ?? []).some(({ uri }) => uri !== undefined && uri.prefix === undefined))
    yield invalid(
      [...field, 'prefixRewrite'],
      'there is no prefix to replace: not every match is by `uri.prefix`',
      'match by prefix, or use `uri`',
    );
  if (uri === '' && prefixRewrite === '' && authority === '' && port === 0 && scheme === '' && redirect.derivePort === undefined)
    yield missing(field, 'the redirect changes nothing', 'set `uri`, `authority`, `scheme` or `port`');
  if (scheme !== '' && scheme !== 'http' && scheme !== 'https')
    yield invalid([...field, 'scheme'], `${shown(scheme)} is no scheme`, 'http or https');
  if (redirectCode !== 0 && (redirectCode < 300 || redirectCode > 399))
    yield invalid([...field, 'redirectCode'], `${redirectCode} is no redirect status`, '301, 302, 303, 307 or 308');
  if (port !== 0) yield* checkPortNumber(port, [...field, 'port']);
}

const LARGE_BODY = 100 * 1024;
const LARGEST_BODY = 1024 * 1024;

export function* checkDirectResponse(response: HttpDirectResponse | undefined, field: Path): Iterable<Finding> {
  if (response === undefined) return;
  const { status = 0, body } = response;
  const length = body?.string?.length ?? Math.floor(((body?.bytes?.length ?? 0) * 3) / 4);
  if (length > LARGEST_BODY)
    yield invalid([...field, 'body'], `the body has ${length} bytes, more than 1 MB`, 'serve it from a service');
  else if (length > LARGE_BODY)
    yield warn(
      'INEFFECTIVE',
      [...field, 'body'],
      `the body has ${length} bytes; every proxy keeps it in memory`,
      'serve it from a service',
    );
  if (status < 200 || status > 600)
    yield invalid([...field, 'status'], `${status} is no HTTP status`, 'write a number from 200 to 599');
}

export function* checkRetries(retries: HttpRetry | undefined, field: Path): Iterable<Finding> {
  if (retries === undefined) return;
  const { attempts = 0, perTryTimeout, retryOn = '', backoff } = retries;
  if (attempts < 0) yield invalid([...field, 'attempts'], `${attempts} is negative`, 'write 0 for no retries');
  if (attempts === 0 && (perTryTimeout !== undefined || retryOn !== '' || retries.retryRemoteLocalities !== undefined))
    yield invalid(
      [...field, 'attempts'],
      'without attempts the other fields of `retries` say nothing',
      'set `attempts`, or leave the others out',
    );
  yield* checkDuration(perTryTimeout, [...field, 'perTryTimeout']);
  yield* checkDuration(backoff, [...field, 'backoff']);
  if (retryOn === '') return;
  for (const token of retryOn.split(','))
    if (!RETRY_TOKENS.has(token) && !isKnownStatus(token))
      yield invalid(
        [...field, 'retryOn'],
        `${shown(token)} is no reason to retry`,
        'for example 5xx,connect-failure, without blanks',
      );
}

export function* checkRewrite(rewrite: HttpRewrite | undefined, field: Path): Iterable<Finding> {
  if (rewrite === undefined) return;
  const { uri = '', authority = '', uriRegexRewrite } = rewrite;
  if (uri !== '' && uriRegexRewrite !== undefined)
    yield invalid([...field, 'uriRegexRewrite'], '`uri` and `uriRegexRewrite` exclude each other', 'keep one of them');
  if (uri === '' && authority === '' && uriRegexRewrite === undefined)
    yield missing(field, 'the rewrite changes nothing', 'set `uri`, `authority` or `uriRegexRewrite`');
  if (uriRegexRewrite === undefined) return;
  const at = [...field, 'uriRegexRewrite'];
  const { match = '', rewrite: to = '' } = uriRegexRewrite;
  if (match === '') yield missing([...at, 'match'], '`match` is missing', 'write the expression to replace');
  if (to === '') yield missing([...at, 'rewrite'], '`rewrite` is missing', 'write what to put in its place');
  const reason = match === '' ? undefined : badRegex(match);
  if (reason !== undefined)
    yield invalid([...at, 'match'], `${shown(match)} is no regular expression: ${reason}`, 'Envoy reads RE2 syntax');
}
