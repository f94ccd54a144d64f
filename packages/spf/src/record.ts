import { type Cidr, formatIp, ok, type ParseError, parseError, parseIp, type Result } from '@mox/syntax';
import { type MacroString, parseDomainSpec, parseMacroString } from './macro.ts';

/** What a mechanism that matches gives, by its qualifier (RFC 7208 §4.6.2). */
export type SpfQualifierResult = 'pass' | 'fail' | 'softfail' | 'neutral';

/** A mechanism of a record (RFC 7208 §5). Prefix lengths are in bits. */
export type SpfMechanism = { readonly result: SpfQualifierResult } & (
  | { readonly type: 'all' }
  | { readonly type: 'include' | 'exists'; readonly domain: MacroString }
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

const qualifiers: Readonly<Record<string, SpfQualifierResult>> = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' };
const qualifierSigns: Readonly<Record<SpfQualifierResult, string>> = { pass: '', fail: '-', softfail: '~', neutral: '?' };

/** Whether a TXT record is an SPF record: `v=spf1`, then a space or the end (RFC 7208 §4.5). */
export function isSpfRecord(text: string): boolean {
  const next = text.charCodeAt(6);
  return (next === 0x20 || text.length === 6) && text.slice(0, 6).toLowerCase() === 'v=spf1';
}

type MechanismParser = (value: string, result: SpfQualifierResult) => Result<SpfMechanism>;

/** A prefix length: `0` or a number without leading zeros, up to `most` (RFC 7208 §5.6); undefined where it is none. */
function parsePrefix(digits: string | undefined, most: number): number | undefined {
  if (digits === undefined) return most;
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

function parseAddressMechanism(type: 'a' | 'mx'): MechanismParser {
  return (value, result) => {
    // dual-cidr-length (RFC 7208 §5.6): a slash within a macro stands before its closing brace, so the end is unambiguous.
    const [tail, ip4Digits, ip6Digits] = /(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(value) ?? [''];
    const ip4Prefix = parsePrefix(ip4Digits, 32);
    const ip6Prefix = parsePrefix(ip6Digits, 128);
    if (ip4Prefix === undefined || ip6Prefix === undefined) return parseError(0, 'a prefix length out of range');
    const domain = parseOptionalDomain(value.slice(0, value.length - tail.length));
    if (!domain.ok) return domain;
    return ok({ type, result, ip4Prefix, ip6Prefix, ...(domain.value && { domain: domain.value }) });
  };
}

function parsePtr(value: string, result: SpfQualifierResult): Result<SpfMechanism> {
  const domain = parseOptionalDomain(value);
  return domain.ok ? ok({ type: 'ptr', result, ...(domain.value && { domain: domain.value }) }) : domain;
}

function parseNetwork(type: 'ip4' | 'ip6'): MechanismParser {
  const version = type === 'ip4' ? 4 : 6;
  return (value, result) => {
    if (!value.startsWith(':')) return parseError(0, `"${type}" needs ":" and a network`);
    const slash = value.indexOf('/');
    const address = parseIp(value.slice(1, slash < 0 ? undefined : slash));
    if (address?.version !== version) return parseError(1, `an IPv${version} network expected`);
    const prefixLength = parsePrefix(slash < 0 ? undefined : value.slice(slash + 1), version === 4 ? 32 : 128);
    if (prefixLength === undefined) return parseError(slash, 'a prefix length out of range');
    return ok({ type, result, network: { address, prefixLength } });
  };
}

const mechanismParsers: Readonly<Record<string, MechanismParser>> = {
  all: parseAll,
  include: parseWithDomain('include'),
  exists: parseWithDomain('exists'),
  a: parseAddressMechanism('a'),
  mx: parseAddressMechanism('mx'),
  ptr: parsePtr,
  ip4: parseNetwork('ip4'),
  ip6: parseNetwork('ip6'),
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function addModifier(record: Mutable<SpfRecord>, name: string, value: string): ParseError | undefined {
  const known = name === 'redirect' ? 'redirect' : name === 'exp' ? 'explanation' : undefined;
  const parsed = known ? parseDomainSpec(value) : parseMacroString(value);
  if (!parsed.ok) return parsed.error;
  if (!known) record.modifiers = [...record.modifiers, { name, value: parsed.value }];
  else if (record[known]) return { offset: 0, message: `"${name}" a second time` };
  else record[known] = parsed.value;
  return undefined;
}

const modifierPattern = /^([a-z][a-z0-9_.-]*)=/i;
const mechanismPattern = /^([+?~-]?)([a-z][a-z0-9]*)(?=[:/]|$)/i;

function parseTerm(term: string, record: Mutable<SpfRecord>, mechanisms: SpfMechanism[]): ParseError | undefined {
  const modifier = modifierPattern.exec(term);
  if (modifier) return addModifier(record, modifier[1]?.toLowerCase() ?? '', term.slice(modifier[0].length));
  const match = mechanismPattern.exec(term);
  const name = match?.[2]?.toLowerCase() ?? '';
  const parse = Object.hasOwn(mechanismParsers, name) ? mechanismParsers[name] : undefined;
  if (!match || !parse) return { offset: 0, message: 'neither a mechanism nor a modifier' };
  const parsed = parse(term.slice(match[0].length), qualifiers[match[1] ?? ''] ?? 'pass');
  if (!parsed.ok) return parsed.error;
  mechanisms.push(parsed.value);
  return undefined;
}

/**
 * Reads an SPF record (RFC 7208 §4.6.1, §12). Any error makes the whole record invalid (§4.6): the error names the
 * term and gives the offset where it begins.
 */
export function parseSpfRecord(text: string): Result<SpfRecord> {
  if (!isSpfRecord(text)) return parseError(0, '"v=spf1" expected');
  const mechanisms: SpfMechanism[] = [];
  const record: Mutable<SpfRecord> = { mechanisms, modifiers: [] };
  for (let at = 'v=spf1'.length; at < text.length; ) {
    if (text.charCodeAt(at) === 32) {
      at++;
      continue;
    }
    const space = text.indexOf(' ', at);
    const end = space < 0 ? text.length : space;
    const term = text.slice(at, end);
    const error = parseTerm(term, record, mechanisms);
    if (error) return parseError(at, `term "${term}": ${error.message}`);
    at = end;
  }
  return ok(record);
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
