import { type Cidr, charClass, formatIp, type IpAddress, ipv4OfBits, isAlpha, isDigit, parseIp, readIpv4Bits } from '@mox/syntax';
import { type MacroString, parseDomainSpec, parseLiteralDomainSpec } from './macro.ts';
import { countLabels } from './target-name.ts';

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

/** A mechanism as an evaluation needs it. */
export interface ReadMechanism {
  readonly type: SpfMechanism['type'];
  readonly result: SpfQualifierResult;
  /** As it is published. */
  readonly text: string;
  /** Its name in a trace, and the section that defines it. */
  readonly step: string;
  readonly rfc: string;
  readonly domain: MacroString | undefined;
  /** The domain-spec, where it has no macros and is a name of two labels or more without a dot at its end. */
  readonly name: string | undefined;
  /** Of `a`, `mx`, and the network of `ip4` and `ip6`. */
  readonly ip4Prefix: number;
  readonly ip6Prefix: number;
  /** The network of `ip4`, in the form of `readIpv4Bits`. */
  readonly ip4Bits: number;
  /** The network of `ip6`. */
  readonly ip6: IpAddress | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The text of a record, and the term of it that is being read: what is left of that is from `at` to before `end`. */
export class TermReader {
  readonly text: string;
  /** Whether the text has no macros, and no characters but spaces and visible ASCII: no term need be looked through for them. */
  readonly isPlain: boolean;
  at = 0;
  end = 0;
  #slash = -1;

  constructor(text: string) {
    this.text = text;
    this.isPlain = /^[ -$&-~]*$/.test(text);
  }

  /** Where the first slash of the term is, -1 for nowhere. */
  get slash(): number {
    if (this.#slash < this.at) {
      const found = this.text.indexOf('/', this.at);
      this.#slash = found < 0 ? this.text.length : found;
    }
    return this.#slash < this.end ? this.#slash : -1;
  }

  /** Goes past a ":", which must be there. */
  skipColon(): boolean {
    if (this.at === this.end || this.text.charCodeAt(this.at) !== 0x3a) return false;
    this.at++;
    return true;
  }

  /** Goes past the name that the term begins with. */
  skipName(): void {
    while (this.at < this.end && isNameCharacter(this.text.charCodeAt(this.at))) this.at++;
  }
}

/** Characters of the names of mechanisms and modifiers (RFC 7208 §12), of which the first is a letter. */
const isNameCharacter = /* @__PURE__ */ charClass(isAlpha, isDigit, '-_.');

/** Reads into a mechanism what stands behind its name; what is wrong with it otherwise. */
type ReadRest = (mechanism: Mutable<ReadMechanism>, reader: TermReader) => string | undefined;

function readAll(_: Mutable<ReadMechanism>, { at, end }: TermReader): string | undefined {
  return at === end ? undefined : 'nothing may follow "all"';
}

/** The `domain-spec` at the end of a term. */
function readDomain(mechanism: Mutable<ReadMechanism>, { text, at, end, isPlain }: TermReader): string | undefined {
  const domain = isPlain ? parseLiteralDomainSpec(text, at, end) : parseDomainSpec(text.slice(at, end));
  if (!domain.ok) return domain.error.message;
  mechanism.domain = domain.value;
  // What is no name, or too long for one, is found so when it is expanded.
  const labels = isPlain ? countLabels(text, at, end) : 0;
  if (labels > 1 && text.charCodeAt(at) !== 0x5b) mechanism.name = domain.value.text;
  return undefined;
}

function readNeededDomain(mechanism: Mutable<ReadMechanism>, reader: TermReader): string | undefined {
  return reader.skipColon() ? readDomain(mechanism, reader) : `"${mechanism.type}" needs ":" and a domain`;
}

/** The optional `:domain-spec` of `a`, `mx` and `ptr`. */
function readOptionalDomain(mechanism: Mutable<ReadMechanism>, reader: TermReader): string | undefined {
  if (reader.at === reader.end) return undefined;
  return reader.skipColon() ? readDomain(mechanism, reader) : '":" or "/" expected';
}

/** A prefix length: `0` or a number without leading zeros, up to `most` (RFC 7208 §5.6); undefined where it is none. */
function parsePrefix(digits: string, most: number): number | undefined {
  const value = /^(?:0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) : Number.NaN;
  return value <= most ? value : undefined;
}

const outOfRange = 'a prefix length out of range';
// dual-cidr-length (RFC 7208 §5.6): a slash within a macro stands before its closing brace, so the end is unambiguous.
const dualCidrLength = /(?:\/(\d+))?(?:\/\/(\d+))?$/;

function readAddressMechanism(mechanism: Mutable<ReadMechanism>, reader: TermReader): string | undefined {
  const { slash, end } = reader;
  if (slash < 0) return readOptionalDomain(mechanism, reader);
  const [tail = '', ip4Digits, ip6Digits] = dualCidrLength.exec(reader.text.slice(slash, end)) ?? [];
  const ip4Prefix = ip4Digits === undefined ? 32 : parsePrefix(ip4Digits, 32);
  const ip6Prefix = ip6Digits === undefined ? 128 : parsePrefix(ip6Digits, 128);
  if (ip4Prefix === undefined || ip6Prefix === undefined) return outOfRange;
  mechanism.ip4Prefix = ip4Prefix;
  mechanism.ip6Prefix = ip6Prefix;
  reader.end = end - tail.length;
  return readOptionalDomain(mechanism, reader);
}

function readIp4(mechanism: Mutable<ReadMechanism>, reader: TermReader): string | undefined {
  if (!reader.skipColon()) return '"ip4" needs ":" and a network';
  const { text, at, end, slash } = reader;
  const bits = readIpv4Bits(text, at, slash < 0 ? end : slash);
  if (bits === undefined) return 'an IPv4 network expected';
  mechanism.ip4Bits = bits;
  if (slash < 0) return undefined;
  const prefix = parsePrefix(text.slice(slash + 1, end), 32);
  if (prefix === undefined) return outOfRange;
  mechanism.ip4Prefix = prefix;
  return undefined;
}

function readIp6(mechanism: Mutable<ReadMechanism>, reader: TermReader): string | undefined {
  if (!reader.skipColon()) return '"ip6" needs ":" and a network';
  const { text, at, end, slash } = reader;
  const address = parseIp(text.slice(at, slash < 0 ? end : slash));
  if (address?.version !== 6) return 'an IPv6 network expected';
  mechanism.ip6 = address;
  if (slash < 0) return undefined;
  const prefix = parsePrefix(text.slice(slash + 1, end), 128);
  if (prefix === undefined) return outOfRange;
  mechanism.ip6Prefix = prefix;
  return undefined;
}

interface MechanismDefinition {
  readonly type: SpfMechanism['type'];
  readonly rfc: string;
  readonly readRest: ReadRest;
}

/** Those met most often first. */
const definitions: readonly MechanismDefinition[] = [
  { type: 'ip4', rfc: 'RFC 7208 §5.6', readRest: readIp4 },
  { type: 'ip6', rfc: 'RFC 7208 §5.6', readRest: readIp6 },
  { type: 'all', rfc: 'RFC 7208 §5.1', readRest: readAll },
  { type: 'include', rfc: 'RFC 7208 §5.2', readRest: readNeededDomain },
  { type: 'a', rfc: 'RFC 7208 §5.3', readRest: readAddressMechanism },
  { type: 'mx', rfc: 'RFC 7208 §5.4', readRest: readAddressMechanism },
  { type: 'ptr', rfc: 'RFC 7208 §5.5', readRest: readOptionalDomain },
  { type: 'exists', rfc: 'RFC 7208 §5.7', readRest: readNeededDomain },
];

/** The definitions by the length of their names: so a name is found without being cut out. */
const definitionsByLength: readonly (readonly MechanismDefinition[])[] = /* @__PURE__ */ Array.from({ length: 8 }, (_, length) =>
  definitions.filter(({ type }) => type.length === length),
);

function findDefinition(text: string, start: number, end: number): MechanismDefinition | undefined {
  const candidates = definitionsByLength[end - start];
  if (!candidates) return undefined;
  for (const candidate of candidates) if (isNameAt(text, start, candidate.type)) return candidate;
  return undefined;
}

/** Whether a name, given in lower case, stands at an offset. Of the characters that names have, only letters differ by this bit. */
function isNameAt(text: string, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if ((text.charCodeAt(start + i) | 0x20) !== name.charCodeAt(i)) return false;
  return true;
}

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

/** Reads a term as a mechanism, of which the qualifier and the name have been gone past; what is wrong with it otherwise. */
function readMechanismNamed(reader: TermReader, start: number, result: SpfQualifierResult | undefined): ReadMechanism | string {
  const { text, at, end } = reader;
  // ":" or "/" or the end follow the name of a mechanism.
  const next = at === end ? 0x3a : text.charCodeAt(at);
  const name = result === undefined ? start : start + 1;
  const definition = next === 0x3a || next === 0x2f ? findDefinition(text, name, at) : undefined;
  if (!definition) return 'neither a mechanism nor a modifier';
  const term = text.slice(start, end);
  const mechanism: Mutable<ReadMechanism> = {
    type: definition.type,
    result: result ?? 'pass',
    text: term,
    step: `mechanism ${term}`,
    rfc: definition.rfc,
    domain: undefined,
    name: undefined,
    ip4Prefix: 32,
    ip6Prefix: 128,
    ip4Bits: 0,
    ip6: undefined,
  };
  return definition.readRest(mechanism, reader) ?? mechanism;
}

/** Reads a term: a mechanism; where the "=" of a modifier is, whose name begins the term; or what is wrong with it. */
export function readTerm(reader: TermReader): ReadMechanism | number | string {
  const start = reader.at;
  const result = qualifierResult(reader.text.charCodeAt(start));
  if (result !== undefined) reader.at++;
  reader.skipName();
  const { text, at, end } = reader;
  if (at < end && text.charCodeAt(at) === 0x3d && isAlpha(text.charCodeAt(start))) return at;
  return readMechanismNamed(reader, start, result);
}

/** A mechanism as it is given to others. */
export function toMechanism({ type, result, domain, ip4Prefix, ip6Prefix, ip4Bits, ip6 }: ReadMechanism): SpfMechanism {
  switch (type) {
    case 'all':
      return { type, result };
    case 'ip4':
      return { type, result, network: { address: ipv4OfBits(ip4Bits), prefixLength: ip4Prefix } };
    case 'ip6':
      return { type, result, network: { address: ip6 ?? { version: 6, bytes: new Uint8Array(16) }, prefixLength: ip6Prefix } };
    case 'a':
    case 'mx':
      return { type, result, ip4Prefix, ip6Prefix, ...(domain && { domain }) };
    case 'ptr':
      return { type, result, ...(domain && { domain }) };
    default:
      return { type, result, domain: domain ?? { text: '', items: [] } };
  }
}

const qualifierSigns: Readonly<Record<SpfQualifierResult, string>> = { pass: '', fail: '-', softfail: '~', neutral: '?' };

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
