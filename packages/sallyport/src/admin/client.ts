import { request } from 'node:http';
import { SallyportError } from '../lib/error.ts';
import type {
  ApplyReply,
  ApplyRequest,
  ErrorReply,
  IssuesReply,
  LookupStatus,
  NamesReply,
  ProxyStatus,
  SignReply,
  SignRequest,
  StatusReply,
} from './api.ts';

/** The admin API of a running control plane, over its Unix socket. Every call throws UNREACHABLE when nobody answers. */
export interface AdminClient {
  status(): Promise<StatusReply>;
  issues(): Promise<IssuesReply>;
  proxies(): Promise<readonly ProxyStatus[]>;
  lookups(): Promise<readonly LookupStatus[]>;
  /** All hosts, or the one that a name means. */
  names(host?: string): Promise<NamesReply>;
  metrics(): Promise<string>;
  apply(body: ApplyRequest): Promise<ApplyReply>;
  delete(body: ApplyRequest): Promise<ApplyReply>;
  sign(body: SignRequest): Promise<SignReply>;
}

export function adminClient(socketPath: string): AdminClient {
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    JSON.parse(await call(socketPath, method, path, body)) as T;
  return {
    status: () => json('GET', '/v1/status'),
    issues: () => json('GET', '/v1/issues'),
    proxies: () => json('GET', '/v1/proxies'),
    lookups: () => json('GET', '/v1/lookups'),
    names: (host) => json('GET', host === undefined ? '/v1/names' : `/v1/names?host=${encodeURIComponent(host)}`),
    metrics: () => call(socketPath, 'GET', '/metrics'),
    apply: (body) => json('POST', '/v1/apply', body),
    delete: (body) => json('POST', '/v1/delete', body),
    sign: (body) => json('POST', '/v1/sign', body),
  };
}

function call(socketPath: string, method: string, path: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const req = request({ socketPath, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(refusal(text));
      });
    });
    req.on('error', (cause: NodeJS.ErrnoException) => reject(unreachable(socketPath, cause)));
    req.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function refusal(text: string): SallyportError {
  const { code, message } = JSON.parse(text) as ErrorReply;
  return new SallyportError(code === 'USAGE' ? 'USAGE' : 'UNREACHABLE', message);
}

function unreachable(socketPath: string, cause: NodeJS.ErrnoException): SallyportError {
  const message =
    cause.code === 'EACCES'
      ? `the control plane's socket ${socketPath} belongs to another user; run this as the user who started it`
      : `no control plane answers at ${socketPath}; start one with: sallyport run -f DIR (or name its --runtime-dir)`;
  return new SallyportError('UNREACHABLE', message, { cause });
}
