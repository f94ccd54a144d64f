import { type Cidr, charClass, formatIp, isAlpha, isDigit, ok, type ParseError, parseError, parseIp, type Result } from '@mox/syntax';
import { type MacroString, parseDomainSpec, parseMacroString } from './macro.ts';

/** What a mechanism that matches gives, by its qualifier (RFC 7208 §4.6.2). */
export type SpfQualifierResult = 'pass' | 'fail' | 'softfail' | 'neutral';

/** A mechanism of a record (RFC 7208 §5). Prefix lengths are in bits. */
export type SpfMechanism = { readonly result: SpfQualifierResult } & (
  | { readonly type: 'all' }
  | { readonly type: 'include'; readonly domain: MacroString }
  | { readonly type: 'exists'; readonly domain: MacroString }
  | { readonly type: 'a' | 'mx'; readonly domain?: MacroString; readonly ip4Prefix: number; readonly ip6Prefix: number }
  | { readonly type: 'ptr'; readonly domain?: MacroString }
  | { readonly type: 'ip4' | 'ip6'; readonly network: Cidr }
);

/** An SPF record (RFC 7208 §4.6.1), read. */
export interface SpfRecord {
  readonly mechanisms: readonly SpfMechanism[];
  readonly redirect?: MacroString;
  readonly explanation?: MacroString;
  /** Modifiers that RFC 7208 does not know, in order; they have no effect (§6). */
  readonly modifiers: readonly { readonly name: string; readonly value: MacroString }[];
}

/** A mechanism as an evaluation needs it. */
export interface ReadMechanism {
  readonly mechanism: SpfMechanism;
  /** As it is published. */
  readonly text: string;
  /** Its name in a trace, and the section that defines it. */
  readonly step: string;
  readonly rfc: string;
}

/** A record as an evaluation needs it. */
export interface ReadRecord extends Omit<SpfRecord, 'mechanisms'> {
  readonly mechanisms: readonly ReadMechanism[];
}

const qualifierSigns: Readonly<Record<SpfQualifierResult, string>> = { pass: '', fail: '-', softfail: '~', neutral: '?' };

/** What a qualifier stands for (RFC 7208 §4.6.2), by its code; undefined for any other character. */
function qualifierResult(code: number): SpfQualifierResult | undefined {
  switch (code) {
    case 0x2b:
      return 'pass';
    case 0x2d:
      return 'fail';
    case 0x7e:
      return 'softfail';
    case 0x3f:
      return 'neutral';
    default:
      return undefined;
  }
}

/** Whether a TXT record is an SPF record: `v=spf1`, then a space or the end (RFC 7208 §4.5). */
export function isSpfRecord(text: string): boolean {
  const next = text.charCodeAt(6);
  if (next !== 0x20 && text.length !== 6) return false;
  return text.startsWith('v=spf1') || text.slice(0, 6).toLowerCase() === 'v=spf1';
}

/** Reads what stands behind the name of a mechanism, from its ":" or "/" on. */
type MechanismParser = (value: string, result: SpfQualifierResult) => Result<SpfMechanism>;

/** A prefix length: `0` or a number without leading zeros, up to `most` (RFC 7208 §5.6); undefined where it is none. */
function parsePrefix(digits: string, most: number): number | undefined {
  const value = /^(?:0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) : Number.NaN;
  return value <= most ? value : undefined;
}

function parseAll(value: string, result: SpfQualifierResult): Result<SpfMechanism> {
  return value === '' ? ok({ type: 'all', result }) : parseError(0, 'nothing may follow "all"');
}

function parseWithDomain(type: 'include' | 'exists'): MechanismParser {
  return (value, result) => {
    if (!value.startsWith(':')) return parseError(0, `"${type}" needs ":" and a domain`);
    const domain = parseDomainSpec(value.slice(1));
    return domain.ok ? ok({ type, result, domain: domain.value }) : domain;
  };
}

/** The optional `:domain-spec` of `a`, `mx` and `ptr`. */
function parseOptionalDomain(value: string): Result<MacroString | undefined> {
  if (value === '') return ok(undefined);
  return value.startsWith(':') ? parseDomainSpec(value.slice(1)) : parseError(0, '":" or "/" expected');
}

// dual-cidr-length (RFC 7208 §5.6): a slash within a macro stands before its closing brace, so the end is unambiguous.
const dualCidrLength = /(?:\/(\d+))?(?:\/\/(\d+))?$/;

function parseAddressMechanism(type: 'a' | 'mx'): MechanismParser {
  return (value, result) => {
    const [tail, ip4Digits, ip6Digits] = (value.includes('/') && dualCidrLength.exec(value)) || [''];
    const ip4Prefix = ip4Digits === undefined ? 32 : parsePrefix(ip4Digits, 32);
    const ip6Prefix = ip6Digits === undefined ? 128 : parsePrefix(ip6Digits, 128);
    if (ip4Prefix === undefined || ip6Prefix === undefined) return parseError(0, 'a prefix length out of range');
    const domain = parseOptionalDomain(value.slice(0, value.length - tail.length));
    if (!domain.ok) return domain;
    return ok(domain.value ? { type, result, ip4Prefix, ip6Prefix, domain: domain.value } : { type, result, ip4Prefix, ip6Prefix });
  };
}

function parsePtr(value: string, result: SpfQualifierResult): Result<SpfMechanism> {
  const domain = parseOptionalDomain(value);
  if (!domain.ok) return domain;
  return ok(domain.value ? { type: 'ptr', result, domain: domain.value } : { type: 'ptr', result });
}

function parseNetwork(type: 'ip4' | 'ip6'): MechanismParser {
  const version = type === 'ip4' ? 4 : 6;
  const bits = type === 'ip4' ? 32 : 128;
  return (value, result) => {
    if (!value.startsWith(':')) return parseError(0, `"${type}" needs ":" and a network`);
    const slash = value.indexOf('/');
    const address = parseIp(slash < 0 ? value.slice(1) : value.slice(1, slash));
    if (address?.version !== version) return parseError(1, `an IPv${version} network expected`);
    const prefixLength = slash < 0 ? bits : parsePrefix(value.slice(slash + 1), bits);
    if (prefixLength === undefined) return parseError(slash, 'a prefix length out of range');
    return ok({ type, result, network: { address, prefixLength } });
  };
}

const mechanismParsers: ReadonlyMap<string, MechanismParser> = new Map([
  ['all', parseAll],
  ['include', parseWithDomain('include')],
  ['exists', parseWithDomain('exists')],
  ['a', parseAddressMechanism('a')],
  ['mx', parseAddressMechanism('mx')],
  ['ptr', parsePtr],
  ['ip4', parseNetwork('ip4')],
  ['ip6', parseNetwork('ip6')],
]);

const mechanismSections: Readonly<Record<SpfMechanism['type'], string>> = {
  all: 'RFC 7208 §5.1',
  include: 'RFC 7208 §5.2',
  a: 'RFC 7208 §5.3',
  mx: 'RFC 7208 §5.4',
  ptr: 'RFC 7208 §5.5',
  ip4: 'RFC 7208 §5.6',
  ip6: 'RFC 7208 §5.6',
  exists: 'RFC 7208 §5.7',
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What `readSpfRecord` fills, term by term. */
interface Terms extends Mutable<Omit<SpfRecord, 'mechanisms'>> {
  readonly mechanisms: ReadMechanism[];
  readonly modifiers: SpfRecord['modifiers'][number][];
}

function readModifier(terms: Terms, name: string, value: string): ParseError | undefined {
  const known = name === 'redirect' ? 'redirect' : name === 'exp' ? 'explanation' : undefined;
  const parsed = known ? parseDomainSpec(value) : parseMacroString(value);
  if (!parsed.ok) return parsed.error;
  if (!known) terms.modifiers.push({ name, value: parsed.value });
  else if (terms[known]) return { offset: 0, message: `"${name}" a second time` };
  else terms[known] = parsed.value;
  return undefined;
}

/** Characters of the names of mechanisms and modifiers (RFC 7208 §12), of which the first is a letter. */
const isNameCharacter = charClass(isAlpha, isDigit, '-_.');

/** Reads one term into `terms`; what is wrong with it otherwise. */
function readTerm(terms: Terms, term: string): ParseError | undefined {
  const qualifier = qualifierResult(term.charCodeAt(0));
  const start = qualifier === undefined ? 0 : 1;
  let end = start;
  while (end < term.length && isNameCharacter(term.charCodeAt(end))) end++;
  const name = term.slice(start, end);
  const next = term.charCodeAt(end);
  if (next === 0x3d && start === 0 && isAlpha(term.charCodeAt(0))) return readModifier(terms, name.toLowerCase(), term.slice(end + 1));
  // ":" or "/" or the end follow the name of a mechanism.
  const isMechanism = next === 0x3a || next === 0x2f || end === term.length;
  const parse = isMechanism ? (mechanismParsers.get(name) ?? mechanismParsers.get(name.toLowerCase())) : undefined;
  if (!parse) return { offset: 0, message: 'neither a mechanism nor a modifier' };
  const parsed = parse(term.slice(end), qualifier ?? 'pass');
  if (!parsed.ok) return parsed.error;
  const { value } = parsed;
  terms.mechanisms.push({ mechanism: value, text: term, step: `mechanism ${term}`, rfc: mechanismSections[value.type] });
  return undefined;
}

/** The most of a faulty term that an error repeats. */
const longestTermShown = 100;

function termError(offset: number, term: string, { message }: ParseError): Result<never> {
  const shown = term.length > longestTermShown ? `${term.slice(0, longestTermShown)}...` : term;
  return parseError(offset, `term "${shown}": ${message}`);
}

/** `parseSpfRecord`, with each mechanism as it is published. */
export function readSpfRecord(text: string): Result<ReadRecord> {
  if (!isSpfRecord(text)) return parseError(0, '"v=spf1" expected');
  const terms: Terms = { mechanisms: [], modifiers: [] };
  for (let at = 'v=spf1'.length; at < text.length; at++) {
    const space = text.indexOf(' ', at);
    const end = space < 0 ? text.length : space;
    if (end === at) continue;
    const term = text.slice(at, end);
    const error = readTerm(terms, term);
    if (error) return termError(at, term, error);
    at = end;
  }
  return ok(terms);
}

/**
 * Reads an SPF record (RFC 7208 §4.6.1, §12). Any error makes the whole record invalid (§4.6): the error names the
 * term and gives the offset where it begins.
 */
export function parseSpfRecord(text: string): Result<SpfRecord> {
  const read = readSpfRecord(text);
  return read.ok ? ok({ ...read.value, mechanisms: read.value.mechanisms.map((term) => term.mechanism) }) : read;
}

function formatPrefixes(mechanism: { readonly ip4Prefix: number; readonly ip6Prefix: number }): string {
  const ip4 = mechanism.ip4Prefix === 32 ? '' : `/${mechanism.ip4Prefix}`;
  return mechanism.ip6Prefix === 128 ? ip4 : `${ip4}//${mechanism.ip6Prefix}`;
}

/** A mechanism as it is published. */
export function formatMechanism(mechanism: SpfMechanism): string {
  const start = `${qualifierSigns[mechanism.result]}${mechanism.type}`;
  switch (mechanism.type) {
    case 'all':
      return start;
    case 'ip4':
    case 'ip6': {
      const whole = mechanism.type === 'ip4' ? 32 : 128;
      const { address, prefixLength } = mechanism.network;
      return `${start}:${formatIp(address)}${prefixLength === whole ? '' : `/${prefixLength}`}`;
    }
    default: {
      const domain = mechanism.domain ? `:${mechanism.domain.text}` : '';
      return `${start}${domain}${'ip4Prefix' in mechanism ? formatPrefixes(mechanism) : ''}`;
    }
  }
}

/** An SPF record as it is published: mechanisms, then modifiers. */
export function formatSpfRecord(record: SpfRecord): string {
  const terms = ['v=spf1', ...record.mechanisms.map(formatMechanism)];
  if (record.redirect) terms.push(`redirect=${record.redirect.text}`);
  if (record.explanation) terms.push(`exp=${record.explanation.text}`);
  for (const { name, value } of record.modifiers) terms.push(`${name}=${value.text}`);
  return terms.join(' ');
}
