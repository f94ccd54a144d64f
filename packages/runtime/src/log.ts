/** What a log line carries beside its words. Values are printed, never interpreted. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a package writes what an operator may want to know. Same shape as the common loggers' methods. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that drops everything. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
