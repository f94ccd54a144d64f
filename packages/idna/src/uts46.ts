import { ok, parseError, type Result } from '@mox/syntax';
import { hasRtl, satisfiesBidiRule } from './bidi.ts';
import { satisfiesContextJ } from './context.ts';
import { isMark, mappingClass, mappingOf, mappingStatusOf } from './properties.ts';
import { decodePunycode, encodePunycode } from './punycode.ts';

/** What Unicode IDNA Compatibility Processing (UTS 46 §4, nontransitional) checks. All is off unless said otherwise. */
export interface Uts46Options {
  /** No hyphen at the edges of a label, none at its third and fourth place (RFC 5891 §4.2.3.1). */
  readonly checkHyphens?: boolean;
  /** The Bidi Rule (RFC 5893 §2) in names that have a label written from right to left. */
  readonly checkBidi?: boolean;
  /** Joiners only in their context (RFC 5892 appendix A.1, A.2). */
  readonly checkJoiners?: boolean;
  /** Of ASCII only letters, digits and hyphens (RFC 5890 §2.3.1). */
  readonly useStd3AsciiRules?: boolean;
  /** Labels of 1 to 63 characters, names of 1 to 253 (RFC 1035 §2.3.4); for `toAscii` only. A root dot is an empty label. */
  readonly verifyDnsLength?: boolean;
}

/** A label on its way, and what is wrong with it. */
interface Label {
  readonly text: string;
  /** Where the label, or what it came from, starts in the input. */
  readonly offset: number;
  readonly problem?: string;
}

/** Names longer than this, in UTF-16 units, are not looked at: Punycode takes time quadratic in a label. */
const inputLimit = 4000;

const labelLimit = 63;

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** Step 1 of UTS 46 §4, Map: what is disallowed stays, to be found later. */
function mapText(text: string): string {
  if (/^[\0-@[-\x7f]*$/.test(text)) return text;
  let mapped = '';
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    const status = mappingStatusOf(codePoint);
    if (status === mappingClass.mapped) mapped += mappingOf(codePoint);
    else if (status !== mappingClass.ignored) mapped += character;
  }
  return mapped;
}

function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function findHyphenProblem(label: string, checkHyphens: boolean): string | undefined {
  if (!checkHyphens) return label.startsWith('xn--') ? 'a label that decodes to another encoded label' : undefined;
  if (label.startsWith('--', 2)) return 'hyphens at the third and fourth place of a label';
  return label.startsWith('-') || label.endsWith('-') ? 'a label that starts or ends with a hyphen' : undefined;
}

/** Validity criteria of UTS 46 §4.1 but for the Bidi Rule, which needs the whole name. */
function findProblem(label: string, options: Uts46Options): string | undefined {
  if (label === '') return undefined;
  const hyphens = findHyphenProblem(label, options.checkHyphens === true);
  if (hyphens) return hyphens;
  if (options.useStd3AsciiRules && /[\0-,./:-`{-\x7f]/.test(label)) return 'a character that a host name must not have';
  if (isAscii(label)) return /[A-Z.]/.test(label) ? 'a character that a label must not have' : undefined;
  const codePoints = codePointsOf(label);
  if (label.normalize('NFC') !== label) return 'a label that is not in normal form C';
  if (isMark(codePoints[0] ?? 0)) return 'a label that starts with a combining mark';
  if (label.includes('.') || !codePoints.every((codePoint) => mappingStatusOf(codePoint) === mappingClass.valid))
    return 'a character that a label must not have';
  if (options.checkJoiners && !satisfiesContextJ(codePoints)) return 'a joiner where it joins nothing';
  return undefined;
}

/** Step 4 of UTS 46 §4, Convert/Validate. */
function processLabel(text: string, offset: number, options: Uts46Options): Label {
  let label = text;
  if (text.startsWith('xn--')) {
    if (options.verifyDnsLength && text.length > labelLimit) return { text, offset, problem: 'a label that is too long' };
    const decoded = isAscii(text) ? decodePunycode(text.slice(4)) : undefined;
    if (decoded === undefined) return { text, offset, problem: 'a label that starts with xn-- and is not Punycode' };
    if (isAscii(decoded)) return { text: decoded, offset, problem: 'a label in Punycode that has nothing to encode' };
    label = decoded;
  }
  const problem = findProblem(label, options);
  return problem === undefined ? { text: label, offset } : { text: label, offset, problem };
}

function checkBidi(labels: readonly Label[]): readonly Label[] {
  const codePoints = labels.map((label) => (isAscii(label.text) ? [] : codePointsOf(label.text)));
  if (!codePoints.some(hasRtl)) return labels;
  return labels.map((label) =>
    label.text === '' || label.problem !== undefined || satisfiesBidiRule(codePointsOf(label.text))
      ? label
      : { ...label, problem: 'a label against the Bidi Rule' },
  );
}

/** The processing of UTS 46 §4. Labels with their problems; the dots between them taken away. */
function process(text: string, options: Uts46Options): readonly Label[] {
  const labels: Label[] = [];
  let offset = 0;
  // The dots of UTS 46 §2.3. Nothing composes with a dot: what is between them can be mapped by itself.
  for (const piece of text.split(/[.\u3002\uff0e\uff61]/)) {
    const mapped = mapText(piece).normalize('NFC');
    for (const label of mapped.split('.')) labels.push(processLabel(label, offset, options));
    offset += piece.length + 1;
  }
  return options.checkBidi ? checkBidi(labels) : labels;
}

function firstProblem(labels: readonly Label[]): { readonly ok: false; readonly error: { offset: number; message: string } } | undefined {
  const bad = labels.find((label) => label.problem !== undefined);
  return bad && parseError(bad.offset, bad.problem ?? '');
}

/** A label in ASCII, or undefined where Punycode cannot encode it. */
function encodeLabel(label: string): string | undefined {
  if (isAscii(label)) return label;
  const encoded = label.isWellFormed() ? encodePunycode(label) : undefined;
  return encoded === undefined ? undefined : `xn--${encoded}`;
}

/** Both forms of a domain name. */
export interface ProcessedName {
  readonly ascii: string;
  readonly unicode: string;
}

/** `toAscii` and the U-labels of the same name, for the price of one. */
export function processName(text: string, options: Uts46Options): Result<ProcessedName> {
  if (text.length > inputLimit) return parseError(inputLimit, 'a domain name that is too long');
  const labels = process(text, options);
  const problem = firstProblem(labels);
  if (problem) return problem;
  const encoded: string[] = [];
  for (const { text: label, offset } of labels) {
    // Each character takes a digit or more: a label of more code points than fit need not be encoded.
    const tooLong = options.verifyDnsLength === true && label.length > 2 * labelLimit;
    const ascii = tooLong ? label : encodeLabel(label);
    if (ascii === undefined) return parseError(offset, 'a label that Punycode cannot encode');
    if (options.verifyDnsLength && (ascii.length === 0 || ascii.length > labelLimit))
      return parseError(offset, ascii.length === 0 ? 'an empty label' : 'a label that is too long');
    encoded.push(ascii);
  }
  const ascii = encoded.join('.');
  if (options.verifyDnsLength && ascii.length > 253) return parseError(0, 'a domain name that is too long');
  return ok({ ascii, unicode: labels.map((label) => label.text).join('.') });
}

/** A domain name in A-labels and other ASCII labels (UTS 46 §4.2 ToASCII, nontransitional). The offset of an error is that of its label. */
export function toAscii(text: string, options: Uts46Options = {}): Result<string> {
  const name = processName(text, options);
  return name.ok ? ok(name.value.ascii) : name;
}

/** A domain name in U-labels (UTS 46 §4.3 ToUnicode, nontransitional). The offset of an error is that of its label. */
export function toUnicode(text: string, options: Uts46Options = {}): Result<string> {
  if (text.length > inputLimit) return parseError(inputLimit, 'a domain name that is too long');
  // Lengths are those of A-labels: they are not asked after here.
  const labels = process(text, { ...options, verifyDnsLength: false });
  const problem = firstProblem(labels);
  if (problem) return problem;
  const empty = labels.find((label, i) => label.text === '' && (labels.length === 1 || i < labels.length - 1));
  return empty ? parseError(empty.offset, 'an empty label') : ok(labels.map((label) => label.text).join('.'));
}
