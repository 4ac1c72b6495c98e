// An application that calls what it is told to, in a process of its own inside a captured network namespace. Reads one JSON object a
// line: {id, url, stream?}. Says {id, status, body} or {id, error}; of a stream {id, tick} for each piece and {id, ended} at its end.
import { request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';
import { createInterface } from 'node:readline';

export interface Call {
  readonly id: number;
  readonly url: string;
  /** Reads on until the end and says every piece. */
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallerLine {
  readonly id: number;
  readonly status?: number;
  readonly body?: string;
  readonly error?: string;
  readonly tick?: number;
  readonly ended?: true;
}

const say = (line: CallerLine) => process.stdout.write(`${JSON.stringify(line)}\n`);

createInterface({ input: process.stdin }).on('line', (line) => call(JSON.parse(line) as Call));

function call({ id, url, stream = false, headers = {} }: Call): void {
  // A connection of its own for every call, so that every call meets the listeners as they are now.
  const options = { agent: false as const, headers, timeout: stream ? 0 : 5_000 };
  const answer = (response: IncomingMessage): void => (stream ? follow(id, response) : collect(id, response));
  const request = url.startsWith('https:')
    ? https(url, { ...options, rejectUnauthorized: false }, answer)
    : http(url, options, answer);
  request.on('timeout', () => request.destroy(new Error('no answer for five seconds')));
  request.on('error', (error: NodeJS.ErrnoException) => say({ id, error: error.code ?? error.message }));
  request.end();
}

function collect(id: number, response: IncomingMessage): void {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    body += part;
  });
  response.on('end', () => say({ id, status: response.statusCode ?? 0, body }));
}

function follow(id: number, response: IncomingMessage): void {
  let tick = 0;
  response.on('data', () => {
    tick += 1;
    say({ id, tick });
  });
  response.on('close', () => say({ id, ended: true }));
}
