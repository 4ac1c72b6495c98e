export type LogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical';

/** One thing that Envoy said. */
export interface LogRecord {
  readonly level: LogLevel;
  /** Envoy's name for the part that speaks: `config`, `upstream`, `main`… */
  readonly component: string;
  readonly message: string;
}

/** What Envoy is told with `--log-format` for {@link parseLogLine}. `%_` is the message with line ends escaped. */
export const LOG_FORMAT = '%l\t%n\t%_';

const LEVELS: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warning', 'error', 'critical']);

/** A line of Envoy's stderr. What is not in {@link LOG_FORMAT} comes from a library or a crash, and is an error. */
export function parseLogLine(line: string): LogRecord {
  const [level = '', component = '', ...message] = line.split('\t');
  if (!LEVELS.has(level) || message.length === 0) return { level: 'error', component: 'stderr', message: line };
  return { level: level as LogLevel, component, message: message.join('\t') };
}
