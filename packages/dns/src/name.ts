/** Longest label and longest name on the wire, in bytes (RFC 1035 §2.3.4). */
const labelLimit = 63;
const nameLimit = 255;
/** A name has no more labels than this; nor need it have more pointers. */
const pointerLimit = 126;

/** Each byte of a label as text: letters in lower case (RFC 1035 §2.3.3), what could mislead escaped (RFC 1035 §5.1). */
const byteTexts: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (character === '.' || character === '\\') return `\\${character}`;
  return byte > 0x20 && byte < 0x7f ? character.toLowerCase() : `\\${String(byte).padStart(3, '0')}`;
});

/** A name that was read, with its length on the wire when nothing of it is a pointer. */
export interface WireName {
  readonly name: string;
  readonly lengthBytes: number;
}

/** Names of a message by the offsets at which they stand, so that what many pointers lead to is read once. */
export type KnownNames = Map<number, WireName>;

/**
 * Reads a name of a message at an offset, pointers followed (RFC 1035 §4.1.4). Undefined where it is none: beyond the end, too
 * long, a pointer that does not go back, another kind of label. `end` is the offset behind it.
 */
export function readName(
  bytes: Uint8Array,
  start: number,
  limit: number = bytes.length,
  known: KnownNames = new Map(),
): { name: string; end: number } | undefined {
  let name = '';
  let at = start;
  let end = -1;
  let segment = start;
  let length = 1;
  let stop = limit;
  let pointed: { readonly target: number; readonly textLength: number; readonly length: number } | undefined;
  for (let pointers = 0; at < stop; ) {
    const head = bytes[at] ?? 0;
    if (head >= 0xc0) {
      if (at + 1 >= stop) return undefined;
      if (end < 0) end = at + 2;
      at = ((head & 0x3f) << 8) | (bytes[at + 1] ?? 0);
      // A pointer goes back, before where its own piece began: there can be no circle.
      if (at >= segment || ++pointers > pointerLimit) return undefined;
      segment = at;
      stop = bytes.length;
      const there = known.get(at);
      if (there) return length + there.lengthBytes - 1 > nameLimit ? undefined : { name: joinNames(name, there.name), end };
      pointed ??= { target: at, textLength: name.length, length };
    } else if (head === 0) {
      known.set(start, { name, lengthBytes: length });
      if (pointed) {
        const { target, textLength } = pointed;
        const suffix = textLength === 0 ? name : name.slice(textLength + 1);
        known.set(target, { name: suffix, lengthBytes: length - pointed.length + 1 });
      }
      return { name, end: end < 0 ? at + 1 : end };
    } else {
      length += head + 1;
      if (head > labelLimit || length > nameLimit || at + 1 + head > stop) return undefined;
      if (name !== '') name += '.';
      for (const labelEnd = ++at + head; at < labelEnd; at++) name += byteTexts[bytes[at] ?? 0] ?? '';
    }
  }
  return undefined;
}

function joinNames(head: string, tail: string): string {
  if (head === '') return tail;
  return tail === '' ? head : `${head}.${tail}`;
}

/** Labels of a name as they stand on the wire, without the root; undefined where it cannot be a name (RFC 1035 §2.3.4). */
export function nameLabels(name: string): readonly string[] | undefined {
  if (name === '' || name === '.') return [];
  const labels = name.includes('\\') ? unescapeLabels(name) : name.split('.');
  if (!labels) return undefined;
  if (labels.at(-1) === '') labels.pop();
  let length = 1;
  for (const label of labels) {
    if (label.length === 0 || label.length > labelLimit || hasWideCharacter(label)) return undefined;
    length += label.length + 1;
  }
  return length > nameLimit ? undefined : labels;
}

function hasWideCharacter(label: string): boolean {
  for (let i = 0; i < label.length; i++) if (label.charCodeAt(i) > 0xff) return true;
  return false;
}

/** The name of labels, escaped as this package writes names; what `nameLabels` takes apart. */
export function joinLabels(labels: readonly string[]): string {
  return labels.map((label) => Array.from(label, (character) => byteTexts[character.charCodeAt(0)] ?? '').join('')).join('.');
}

/** A name as bytes of the wire, letters in lower case (RFC 4034 §6.2). Throws a TypeError where it is no name. */
export function encodeName(name: string): Uint8Array {
  const labels = nameLabels(name);
  if (!labels) throw new TypeError(`no domain name: ${name}`);
  let length = 1;
  for (const label of labels) length += label.length + 1;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const label of labels) {
    bytes[at++] = label.length;
    for (let i = 0; i < label.length; i++) {
      const code = label.charCodeAt(i);
      bytes[at++] = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    }
  }
  return bytes;
}

/** Whether a dot in a name is part of a label: an odd number of backslashes stands before it. */
function isEscaped(name: string, at: number): boolean {
  let backslashes = 0;
  while (name[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** Whether a name is another one or below it. Both in the form of `normalizeName`. */
export function isAtOrBelow(name: string, ancestor: string): boolean {
  if (ancestor === '' || name === ancestor) return true;
  const dot = name.length - ancestor.length - 1;
  return dot > 0 && name[dot] === '.' && name.endsWith(ancestor) && !isEscaped(name, dot);
}

/** The name above one in the form of `normalizeName`: its first label taken off. Undefined for the root. */
export function parentName(name: string): string | undefined {
  if (name === '') return undefined;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) if (!isEscaped(name, dot)) return name.slice(dot + 1);
  return '';
}

function unescapeLabels(text: string): string[] | undefined {
  const labels: string[] = [];
  let label = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '.') {
      labels.push(label);
      label = '';
    } else if (character !== '\\') label += character;
    else if (/^\d{3}$/.test(text.slice(at + 1, at + 4))) {
      const code = Number(text.slice(at + 1, at + 4));
      if (code > 255) return undefined;
      label += String.fromCharCode(code);
      at += 3;
    } else {
      if (++at >= text.length) return undefined;
      label += text[at];
    }
  }
  return [...labels, label];
}

const upperCase = /[A-Z]/;
const oddCharacter = /[^!-[\]-~]/;

/**
 * A name in the form of this package: lower case, without the last dot, escapes in one way. Undefined where no
 * question can be asked for it: an empty label, a label or a name that is too long, characters beyond ASCII (those want A-labels).
 */
export function normalizeName(name: string): string | undefined {
  if (/[^\0-\x7f]/.test(name)) return undefined;
  const labels = nameLabels(name);
  if (!labels) return undefined;
  if (!oddCharacter.test(name)) {
    const plain = name.endsWith('.') ? name.slice(0, -1) : name;
    return upperCase.test(plain) ? plain.toLowerCase() : plain;
  }
  return joinLabels(labels);
}
