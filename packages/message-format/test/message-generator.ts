// Messages out of a small grammar of MIME, the same for the same seed: whole ones, and broken ones of many kinds.
import { fromLatin1, fromUtf8, toLatin1 } from '@mox/runtime';
import { randomNumbers } from '../../../tools/fuzz.ts';

/** How messages are made. */
export interface GeneratorOptions {
  /** Share of places where something is broken, 0 to 1. */
  readonly broken: number;
}

const newline = '\r\n';
const utf8 = (text: string): string => toLatin1(fromUtf8(text));
const base64 = (text: string): string => btoa(text).replace(/.{60}(?=.)/g, `$&${newline}`);
const hex = (code: number): string => code.toString(16).toUpperCase().padStart(2, '0');
const quotedPrintable = (text: string): string =>
  text
    .replace(/[^\t\r\n -<>-~]/g, (character) => `=${hex(character.charCodeAt(0))}`)
    .replace(/[ \t](?=\r\n|$)/g, (blank) => `=${hex(blank.charCodeAt(0))}`);

/** A text in uuencode, zero as a backquote. */
function uuencode(text: string): string {
  const character = (value: number): string => ((value & 63) === 0 ? '`' : String.fromCharCode((value & 63) + 32));
  const code = (at: number): number => (at < text.length ? text.charCodeAt(at) : 0);
  let encoded = `begin 644 a.txt${newline}`;
  for (let at = 0; at < text.length; at += 45) {
    const end = Math.min(text.length, at + 45);
    encoded += character(end - at);
    for (let i = at; i < end; i += 3) {
      const bits = (code(i) << 16) | (code(i + 1) << 8) | code(i + 2);
      encoded += character(bits >> 18) + character(bits >> 12) + character(bits >> 6) + character(bits);
    }
    encoded += newline;
  }
  return `${encoded}\`${newline}end${newline}`;
}

const footer = `${newline}_______________________________________________${newline}list mailing list${newline}list@example.org`;
const lines = ['hello world', '', '-- ', '--', '--x', 'From here', '.', 'a line ', '> quoted', 'a=b', '=3D', utf8('Grüße'), 'x'.repeat(80)];
const multiparts = ['mixed', 'digest', 'alternative', 'related', 'report', 'signed', 'parallel', 'form-data', 'x-unknown'];
const leafTypes = [
  'text/plain',
  'text/html; charset=utf-8',
  'text/plain; charset="iso-8859-1"',
  'application/octet-stream',
  'IMAGE/PNG',
  'text/calendar',
];
const boundaries = ['b', 'b-1', '=_Part_1', '----=_NextPart_000', "a'b", 'a+b/c', 'x(y)', 'with space', '='];
const filenames = [
  'filename=a.txt',
  'filename="x y.doc"',
  'filename="semi;colon"',
  'filename="a\\"q\\".txt"',
  "filename*=utf-8''gr%C3%BC%C3%9Fe.txt",
  "filename*0*=utf-8''gr%C3%BC; filename*1*=%C3%9Fe.txt",
  'filename*0="abc "; filename*1="def.txt"',
];
const subjects = ['hello', 'Re: two words', '=?utf-8?q?Gr=C3=BC=C3=9Fe?=', '=?iso-8859-1?b?R3L832U=?= end', 'folded\r\n line'];
const senders = [
  'a@example.org',
  'Alice <a@example.org>',
  '"Doe, Jane" <a@example.org>',
  '=?utf-8?q?J=C3=B6rg?= <a@example.org>',
  'a@example.org (c)',
];

class Generator {
  readonly #random: () => number;
  readonly #broken: number;

  constructor(seed: number, { broken }: GeneratorOptions) {
    this.#random = randomNumbers(seed);
    this.#broken = broken;
  }

  #pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  /** The piece as it should be, or one of those that it should not be. */
  #orBroken(piece: string, ...faults: readonly string[]): string {
    return this.#chance(this.#broken) ? this.#pick(faults) : piece;
  }

  #leaf(typed: boolean): string {
    const text = Array.from({ length: Math.floor(this.#random() * 6) }, () => this.#pick(lines)).join(newline);
    const encoding = this.#pick(['', '7bit', '8bit', 'binary', 'base64', 'Quoted-Printable', 'x-uuencode']);
    let head =
      typed || this.#chance(0.85)
        ? `Content-Type: ${this.#orBroken(this.#pick(leafTypes), 'text', '', 'text/', '; charset=utf-8', 'text/plain (c')}${newline}`
        : '';
    if (encoding !== '')
      head += `Content-Transfer-Encoding: ${this.#orBroken(encoding, 'base 64', '8-bit', '', 'x-y', `${encoding} (c)`)}${newline}`;
    if (this.#chance(0.3)) {
      const name = this.#orBroken(this.#pick(filenames), 'filename="open', 'filename=', "filename*='%4", 'filename*1=a');
      head += `Content-Disposition: ${this.#pick(['attachment', 'inline'])};${this.#pick([' ', '\r\n\t'])}${name}${newline}`;
    }
    if (encoding === 'base64')
      return `${head}${newline}${this.#orBroken(base64(text), '====', `${base64(text)}!`, 'YQ', `YQ==${newline}YQ==`, base64(text) + footer, text)}`;
    if (encoding === 'x-uuencode')
      return `${head}${newline}${this.#orBroken(uuencode(text), text, `${uuencode(text)}${footer}`, uuencode(text).slice(0, 40))}`;
    if (encoding !== 'Quoted-Printable') return `${head}${newline}${text}`;
    return `${head}${newline}${this.#orBroken(quotedPrintable(text), '=', '=4', '=\r', 'a= \r\nb', '=ZZ')}`;
  }

  #multipart(depth: number, outer: readonly string[]): string {
    const own = `${this.#pick(boundaries)}${Math.floor(this.#random() * 1000)}`;
    // Now and then the boundary of the multipart around it is the start of it.
    const plain = outer.length > 0 && this.#chance(0.3) ? `${outer[outer.length - 1]}${this.#pick(['x', '-1', '.1'])}` : own;
    const boundary = this.#orBroken(plain, 'b ', 'x'.repeat(300), utf8('bé'), ...outer, ...outer.map((other) => `${other}-`));
    const declared = this.#orBroken(
      `boundary="${boundary}"`,
      '',
      `boundary=${boundary}`,
      `boundary="${boundary}`,
      `(c boundary="${boundary}"`,
    );
    const subtype = this.#pick(multiparts);
    let text = `Content-Type: multipart/${subtype};${this.#pick([' ', '\r\n\t'])}${declared}${newline}${newline}`;
    if (this.#chance(0.3)) text += `preamble${newline}`;
    for (let count = 1 + Math.floor(this.#random() * 3); count > 0; count--) {
      const end = this.#orBroken(newline, '\n', ' \r\n', '', '\r', 'x\r\n');
      const member = this.#member(subtype, depth - 1, [...outer, boundary]);
      text += `--${boundary}${end}${this.#orBroken(member, '', `junk${newline}${member}`, member.replace(newline + newline, newline))}${newline}`;
    }
    return `${text}${this.#orBroken(`--${boundary}--`, '', `--${boundary} --`, `--${boundary}`)}${this.#pick(['', newline, `${newline}epilogue${newline}`])}`;
  }

  /** A member of a digest that names no type is a message (RFC 2046 §5.1.5). */
  #member(subtype: string, depth: number, outer: readonly string[]): string {
    if (subtype === 'digest' && depth > 0 && this.#chance(0.7)) return newline + this.message(depth - 1, outer);
    return this.#entity(depth, outer, subtype === 'digest');
  }

  #entity(depth: number, outer: readonly string[], inDigest = false): string {
    if (depth > 0 && this.#chance(0.6)) return this.#multipart(depth, outer);
    return depth > 0 && this.#chance(0.15)
      ? `Content-Type: message/rfc822${newline}${this.#orBroken('', `Content-Transfer-Encoding: base64${newline}`)}${newline}${this.message(depth - 1, outer)}`
      : this.#leaf(inDigest);
  }

  message(depth: number, outer: readonly string[] = []): string {
    const subject = this.#orBroken(this.#pick(subjects), '=?utf-8?q?=C3', 'raw \xe9', '\0', 'x'.repeat(1100));
    const from = this.#orBroken(this.#pick(senders), '"open <a@b>', 'a b <c', '(c', 'a@b@c', '<>');
    const date = this.#orBroken('Mon, 15 Jan 2024 10:20:30 +0100', '15 Foo 2024', '', '1 Jan 2024 99:99:99 +9999');
    const head = `From: ${from}${newline}Subject: ${subject}${newline}Date: ${date}${newline}MIME-Version: 1.0${newline}`;
    return (
      this.#orBroken(head, `junk${newline}${head}`, `${head}junk${newline}`, head.replaceAll(newline, '\n'), '') +
      this.#entity(depth, outer)
    );
  }

  /** A message cut short, now and then. */
  whole(): string {
    const text = this.message(4);
    return this.#chance(this.#broken / 2) ? text.slice(0, Math.floor(this.#random() * text.length)) : text;
  }
}

/** So many messages, for the seeds from `seed` on. */
export function generateMessages(count: number, seed: number, options: GeneratorOptions): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => fromLatin1(new Generator(seed + index, options).whole()));
}
