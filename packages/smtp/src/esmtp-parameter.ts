import { charClass, ok, parseError, type Result } from '@mox/syntax';

/** Describes a parameter of MAIL or RCPT: its keyword and what its value means. One constant a parameter, also the key to read it by. */
export interface EsmtpParameter<T> {
  /** esmtp-keyword (RFC 5321 §4.1.2), in upper case. */
  readonly keyword: string;
  /** Reads the value as it stood; undefined where the parameter has none. Undefined for what is not in the syntax. */
  parse(value: string | undefined): T | undefined;
}

/** The parameters of a MAIL or RCPT command, by their descriptions. */
export class EsmtpParameters {
  readonly #values: ReadonlyMap<string, unknown>;
  /** As they stood, by keyword in upper case; the empty string for one without a value. Plain data, for records. */
  readonly raw: Readonly<Record<string, string>>;

  constructor(values: ReadonlyMap<string, unknown>, raw: Readonly<Record<string, string>>) {
    this.#values = values;
    this.raw = raw;
  }

  /** The value of a parameter; undefined where it was not given. */
  get<T>(parameter: EsmtpParameter<T>): T | undefined {
    // Values are put in by the description with the same keyword, so they have its type.
    return this.#values.get(parameter.keyword) as T | undefined;
  }
}

/** No parameters. */
export const noEsmtpParameters: EsmtpParameters = /* @__PURE__ */ new EsmtpParameters(new Map(), {});

/** A parameter as it stands in a command. */
export interface RawEsmtpParameter {
  readonly keyword: string;
  readonly value: string | undefined;
}

const isKeywordCharacter = /* @__PURE__ */ charClass(['A', 'Z'], ['a', 'z'], ['0', '9'], '-');
const isValueCharacter = /* @__PURE__ */ charClass(['!', '<'], ['>', '~']);

function isKeyword(text: string): boolean {
  if (text === '' || text.startsWith('-')) return false;
  for (let i = 0; i < text.length; i++) if (!isKeywordCharacter(text.charCodeAt(i))) return false;
  return true;
}

/** esmtp-value (RFC 5321 §4.1.2), with what is not ASCII (RFC 6531 §3.3). */
function isValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80 && !isValueCharacter(code)) return false;
  }
  return text !== '';
}

/** Splits `*(SP esmtp-param)` (RFC 5321 §4.1.2); several spaces count as one. Keywords in upper case. */
export function parseRawParameters(text: string): Result<readonly RawEsmtpParameter[]> {
  const parameters: RawEsmtpParameter[] = [];
  let offset = 0;
  for (const word of text.split(' ')) {
    if (word !== '') {
      const equals = word.indexOf('=');
      const keyword = equals < 0 ? word : word.slice(0, equals);
      const value = equals < 0 ? undefined : word.slice(equals + 1);
      if (!isKeyword(keyword)) return parseError(offset, 'expected the keyword of a parameter');
      // deviates RFC 5321 §4.1.2: "=" within a value is let through; it is common in AUTH= and ENVID= that are not xtext.
      if (value !== undefined && !isValue(value.replaceAll('=', ''))) return parseError(offset, `bad value of ${keyword.toUpperCase()}`);
      parameters.push({ keyword: keyword.toUpperCase(), value });
    }
    offset += word.length + 1;
  }
  return ok(parameters);
}
