import type { JsonObject, MessageInitShape } from '@bufbuild/protobuf';
import {
  type AccessLogSchema,
  FileAccessLogSchema,
  StderrAccessLogSchema,
  StdoutAccessLogSchema,
} from '@sallyport/apis/accesslog';
import type { MeshConfig } from '../../model/index.ts';
import { anyOf } from '../encode.ts';

/** Where calls are logged and how; part of what a listener depends on. */
export interface AccessLogging {
  readonly file: string;
  readonly format: { readonly kind: 'text'; readonly line: string } | { readonly kind: 'json'; readonly fields: JsonObject };
}

type AccessLogInit = MessageInitShape<typeof AccessLogSchema>;

/** Istio's default line, so that tools which parse it go on working. */
const DEFAULT_LINE = [
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE%',
  '%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS%',
  '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION%',
  '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%"',
  '"%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS%',
  '%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n',
].join(' ');

/**
 * Istio's default fields, and those by which the agent ties a call to listener, chain and route. The cluster is the raw
 * name: the plain operator gives the name in statistics, which ends in a delimiter.
 */
const DEFAULT_FIELDS: Readonly<Record<string, string>> = {
  start_time: '%START_TIME%',
  method: '%REQ(:METHOD)%',
  authority: '%REQ(:AUTHORITY)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  request_id: '%REQ(X-REQUEST-ID)%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  route_name: '%ROUTE_NAME%',
  virtual_cluster: '%VIRTUAL_CLUSTER_NAME%',
  filter_chain_name: '%FILTER_CHAIN_NAME%',
};

/** The access log that the mesh configuration asks for (`accessLogFile`, `accessLogFormat`, `accessLogEncoding`), if any. */
export function accessLoggingOf(
  mesh: Pick<MeshConfig, 'accessLogFile' | 'accessLogFormat' | 'accessLogEncoding'>,
): AccessLogging | undefined {
  const file = mesh.accessLogFile ?? '';
  if (file === '') return undefined;
  if (mesh.accessLogEncoding !== 'JSON') {
    const line = mesh.accessLogFormat ?? '';
    return { file, format: { kind: 'text', line: line === '' ? DEFAULT_LINE : line.endsWith('\n') ? line : `${line}\n` } };
  }
  return { file, format: { kind: 'json', fields: fieldsOf(mesh.accessLogFormat) ?? DEFAULT_FIELDS } };
}

function fieldsOf(text: string | undefined): JsonObject | undefined {
  try {
    const fields: unknown = JSON.parse(text ?? '');
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? (fields as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Loggers for a connection manager or a TCP proxy of this listener; none when nothing is to be logged. */
export function loggersOf(logging: AccessLogging | undefined, listener: string): AccessLogInit[] {
  return logging === undefined ? [] : [{ name: loggerName(logging.file), configType: loggerConfig(logging, listener) }];
}

/** The logger of the listener itself: only connections that no filter chain took (flag NR), the others are logged there. */
export function listenerLoggersOf(logging: AccessLogging | undefined, listener: string): AccessLogInit[] {
  if (logging === undefined) return [];
  const filter = { filterSpecifier: { case: 'responseFlagFilter' as const, value: { flags: ['NR'] } } };
  return [{ name: loggerName(logging.file), filter, configType: loggerConfig(logging, listener) }];
}

/** Opening /dev/stdout fails when the proxy runs as another user than its owner; the stream loggers open nothing. */
const STREAMS: Readonly<Record<string, 'stdout' | 'stderr'>> = { '/dev/stdout': 'stdout', '/dev/stderr': 'stderr' };

function loggerName(file: string): string {
  return `envoy.access_loggers.${STREAMS[file] ?? 'file'}`;
}

function loggerConfig({ file, format }: AccessLogging, listener: string) {
  const text = format.kind === 'text';
  const accessLogFormat = {
    case: 'logFormat' as const,
    value: {
      format: text
        ? { case: 'textFormatSource' as const, value: { specifier: { case: 'inlineString' as const, value: format.line } } }
        : { case: 'jsonFormat' as const, value: { ...format.fields, listener: literal(listener) } },
    },
  };
  const stream = STREAMS[file];
  const value =
    stream === undefined
      ? anyOf(FileAccessLogSchema, { path: file, accessLogFormat })
      : stream === 'stdout'
        ? anyOf(StdoutAccessLogSchema, { accessLogFormat })
        : anyOf(StderrAccessLogSchema, { accessLogFormat });
  return { case: 'typedConfig' as const, value };
}

/** Text in which Envoy finds no operators. */
function literal(text: string): string {
  return text.replaceAll('%', '%%');
}
