/** How a header field or a body is brought into one form before it is hashed (RFC 6376 §3.4). */
export type Canonicalization = 'simple' | 'relaxed';

/** A field of a header section as it stands. One character a byte. */
export interface RawField {
  /** Name in lower case. */
  readonly nameLower: string;
  /** The whole field with its last CRLF. */
  readonly raw: string;
  /** Offset of the colon in `raw`. */
  readonly colon: number;
}

function relaxedField(field: RawField): string {
  const value = field.raw
    .slice(field.colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ');
  const start = value.startsWith(' ') ? 1 : 0;
  const end = value.endsWith(' ') && value.length > start ? -1 : undefined;
  return `${field.nameLower}:${value.slice(start, end)}`;
}

/** A field in canonical form, without its last CRLF (RFC 6376 §3.4.1, §3.4.2). */
export function canonicalizeField(field: RawField, canonicalization: Canonicalization): string {
  if (canonicalization === 'relaxed') return relaxedField(field);
  return field.raw.endsWith('\r\n') ? field.raw.slice(0, -2) : field.raw;
}

/** Takes the value out of the tag `b` of a signature field, with the white space around it (RFC 6376 §3.7). */
export function removeSignatureValue(field: RawField): RawField {
  const start = field.raw.slice(0, field.colon + 1);
  const end = field.raw.endsWith('\r\n') ? -2 : undefined;
  const value = field.raw.slice(field.colon + 1, end).replace(/(^|;)([ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1$2');
  return { ...field, raw: `${start}${value}\r\n` };
}

/** The fields of a header section by name, and the canonical form of each, made once. */
export class HeaderFields {
  readonly fields: readonly RawField[];
  readonly #byName = new Map<string, RawField[]>();
  readonly #relaxed = new Map<RawField, string>();

  constructor(fields: readonly RawField[]) {
    this.fields = fields;
    for (const field of fields) {
      const same = this.#byName.get(field.nameLower);
      if (same) same.push(field);
      else this.#byName.set(field.nameLower, [field]);
    }
  }

  /** Fields of a name in lower case, from the top down. */
  named(nameLower: string): readonly RawField[] {
    return this.#byName.get(nameLower) ?? [];
  }

  /** The canonical form of a field of this header. */
  canonical(field: RawField, canonicalization: Canonicalization): string {
    if (canonicalization === 'simple') return canonicalizeField(field, 'simple');
    let text = this.#relaxed.get(field);
    if (text === undefined) {
      text = relaxedField(field);
      this.#relaxed.set(field, text);
    }
    return text;
  }

  /**
   * What is signed of the header: the fields that `names` lists, each name taken from the bottom up, names without a
   * field left out (RFC 6376 §5.4.2), each with a CRLF.
   */
  signedText(names: readonly string[], canonicalization: Canonicalization): string {
    const taken = new Map<string, number>();
    let text = '';
    for (const name of names) {
      const lower = name.toLowerCase();
      const same = this.named(lower);
      const count = taken.get(lower) ?? 0;
      taken.set(lower, count + 1);
      const field = same[same.length - 1 - count];
      if (field) text += `${this.canonical(field, canonicalization)}\r\n`;
    }
    return text;
  }
}
