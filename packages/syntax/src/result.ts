/** What was wrong with an input, and where. Plain data, not an exception: bad input is an answer. */
export interface ParseError {
  /** Offset into the input at which the parser gave up: bytes for a byte parser, UTF-16 units for a text parser. */
  readonly offset: number;
  /** What was expected or what was wrong, a sentence without a full stop. */
  readonly message: string;
}

/** The outcome of a parser: a value, or where and why there is none. */
export type Result<T, E = ParseError> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** A success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failure at an offset. */
export function parseError(offset: number, message: string): { readonly ok: false; readonly error: ParseError } {
  return { ok: false, error: { offset, message } };
}

/** The value of a success; throws a TypeError for a failure. For input that the program itself wrote. */
export function unwrap<T>(result: Result<T, { readonly message: string }>): T {
  if (result.ok) return result.value;
  throw new TypeError(result.error.message);
}
