/** A value that must not reach a log or an error message: it prints as `(secret)` everywhere. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself, for the one place that needs it. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }

  /** What Node's console and assertion messages show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '(secret)';
  }
}
