import type { LogFields, Logger } from '@mox/runtime';

/** How much is logged: a level and all that are graver. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** How and where lines are logged. */
export interface LoggerOptions {
  readonly level: LogLevel;
  /** `text` for people, `json` for programs: an object a line. */
  readonly format: 'text' | 'json';
  readonly write: (line: string) => void;
  readonly now: () => number;
}

/** A value in a line for people. Nothing that a peer wrote may break the line or move the cursor. */
function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : value instanceof Error ? value.message : JSON.stringify(value);
  if (text === undefined) return '-';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  return /^[^\s"=\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+$/.test(text) ? text : escapeText(text);
}

function escapeText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function formatText(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${formatValue(value)}`);
  return `${time} ${level.padEnd(5)} ${message}${pairs.join('')}\n`;
}

function jsonValue(_name: string, value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return typeof value === 'bigint' ? String(value) : value;
}

/** A logger that writes a line an event. */
export function createLogger(options: LoggerOptions): Logger {
  const log = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (ranks[level] < ranks[options.level]) return;
    const time = new Date(options.now()).toISOString();
    if (options.format === 'json') options.write(`${JSON.stringify({ time, level, message, ...fields }, jsonValue)}\n`);
    else options.write(formatText(time, level, message, fields));
  };
  return {
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
  };
}
