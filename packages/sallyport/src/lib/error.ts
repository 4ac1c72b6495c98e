/** What can go wrong outside of us and of the user's configuration: files, processes, sockets, tools. A closed list. */
export type ErrorCode =
  | 'ENVOY_NOT_FOUND'
  | 'ENVOY_BROKEN'
  | 'TOOL_MISSING'
  | 'NO_RIGHTS'
  | 'PORT_IN_USE'
  | 'NOT_LOOPBACK'
  | 'UNREACHABLE'
  | 'FILE'
  | 'USAGE';

/** Thrown only by source, ads/server, agent, admin and cli. The message says what to do, for it is all that people see. */
export class SallyportError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SallyportError';
    this.code = code;
  }
}
