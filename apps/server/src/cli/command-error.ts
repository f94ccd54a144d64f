/** A command that could not do its job: told in words, with what to do about it, and no stack. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  /** What the user can do. */
  readonly remedy: string;
  /** 1: it failed; 2: it was called wrongly, or what it works on cannot be had. */
  readonly exitCode: 1 | 2;

  constructor(message: string, remedy: string, options: { cause?: unknown; exitCode?: 1 | 2 } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.remedy = remedy;
    this.exitCode = options.exitCode ?? 1;
  }
}
