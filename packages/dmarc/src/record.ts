import { ok, parseError, type Result, trimBlanks } from '@mox/syntax';
import { formatReportUri, parseReportUri, type ReportUri } from './report-uri.ts';

/** What a domain owner prefers to happen to mail that fails (RFC 9989 §4.7). */
export type DmarcPolicy = 'none' | 'quarantine' | 'reject';

/** When failure reports are wanted: `0` all mechanisms failed, `1` any failed, `d` DKIM failed, `s` SPF failed (RFC 9989 §4.7). */
export type FailureOption = '0' | '1' | 'd' | 's';

/** A DMARC Policy Record (RFC 9989 §4.7), with the defaults of tags that it does not have. */
export interface DmarcRecord {
  /** Policy for the domain itself, and for subdomains without `sp` or `np`. Absent where the record has no valid one. */
  readonly p?: DmarcPolicy;
  /** Policy for subdomains. */
  readonly sp?: DmarcPolicy;
  /** Policy for subdomains that do not exist. */
  readonly np?: DmarcPolicy;
  /** Alignment mode for DKIM: relaxed or strict. */
  readonly adkim: 'r' | 's';
  /** Alignment mode for SPF: relaxed or strict. */
  readonly aspf: 'r' | 's';
  /** Whether the domain is a public suffix: yes, no (it is an organizational domain), or unsaid. */
  readonly psd: 'y' | 'n' | 'u';
  /** Whether the policy is being tested: one level below it is to be applied. */
  readonly t: 'y' | 'n';
  readonly fo: readonly FailureOption[];
  /** Where aggregate reports go. */
  readonly rua: readonly ReportUri[];
  /** Where failure reports go. */
  readonly ruf: readonly ReportUri[];
  /** Tags of RFC 7489 §6.3 that RFC 9989 took away: percentage, interval in seconds, formats of failure reports. */
  readonly pct?: number;
  readonly ri?: number;
  readonly rf?: readonly string[];
  /** Tags that are not of DMARC, in order. */
  readonly extensions: readonly (readonly [name: string, value: string])[];
}

/** Something in a record that is not as it should be, and was passed over. */
export interface DmarcRecordDefect {
  /** The tag, in lower case; empty where there is none. */
  readonly tag: string;
  readonly offset: number;
  readonly problem: string;
}

/** A record that was read, with what was odd about it. */
export interface ParsedDmarcRecord {
  readonly record: DmarcRecord;
  readonly defects: readonly DmarcRecordDefect[];
}

type Draft = { -readonly [K in keyof DmarcRecord]: DmarcRecord[K] };
/** Takes a tag's value in; says what is wrong with it. */
type TagReader = (draft: Draft, value: string) => string | undefined;

const mostUris = 100;
const mostTags = 100;
const mostDefects = 100;

function oneOf<T extends string>(value: string, allowed: readonly T[]): T | undefined {
  const lower = value.toLowerCase();
  return allowed.find((one) => one === lower);
}

/* @__NO_SIDE_EFFECTS__ */
function choice<K extends 'p' | 'sp' | 'np' | 'adkim' | 'aspf' | 'psd' | 't'>(
  tag: K,
  allowed: readonly (DmarcRecord[K] & string)[],
): TagReader {
  return (draft, value) => {
    const found = oneOf(value, allowed);
    if (found === undefined) return `not ${allowed.join(', ')}`;
    draft[tag] = found;
    return undefined;
  };
}

/* @__NO_SIDE_EFFECTS__ */
function uris(tag: 'rua' | 'ruf'): TagReader {
  return (draft, value) => {
    const texts = value.split(',', mostUris + 1).map((text) => text.trim());
    const parsed = texts.slice(0, mostUris).map(parseReportUri);
    draft[tag] = parsed.filter((uri) => uri !== undefined);
    if (texts.length > mostUris) return `more than ${mostUris} URIs`;
    return parsed.includes(undefined) ? 'a URI that is none' : undefined;
  };
}

/* @__NO_SIDE_EFFECTS__ */
function number(tag: 'pct' | 'ri', most: number): TagReader {
  return (draft, value) => {
    if (!/^\d{1,10}$/.test(value) || Number(value) > most) return `not a number up to ${most}`;
    draft[tag] = Number(value);
    return undefined;
  };
}

const readFailureOptions: TagReader = (draft, value) => {
  const words = value.split(':', 20).map((word) => word.trim());
  const known = words.map((word) => oneOf<FailureOption>(word, ['0', '1', 'd', 's'])).filter((word) => word !== undefined);
  const options = [...new Set(known)];
  // deviates RFC 9989 §4.7: "0" and "1" exclude each other, but RFC 7489 §6.4 let them stand together, and "1" means "0" too.
  const exclusive = options.includes('0') && options.includes('1');
  if (options.length > 0) draft.fo = exclusive ? options.filter((option) => option !== '0') : options;
  if (exclusive) return '0 and 1 together';
  return options.length === words.length ? undefined : 'an option that is not known, or twice';
};

const policies: readonly DmarcPolicy[] = ['none', 'quarantine', 'reject'];
const readers: ReadonlyMap<string, TagReader> = new Map([
  ['p', choice('p', policies)],
  ['sp', choice('sp', policies)],
  ['np', choice('np', policies)],
  ['adkim', choice('adkim', ['r', 's'])],
  ['aspf', choice('aspf', ['r', 's'])],
  ['psd', choice('psd', ['y', 'n', 'u'])],
  ['t', choice('t', ['y', 'n'])],
  ['fo', readFailureOptions],
  ['rua', uris('rua')],
  ['ruf', uris('ruf')],
  ['pct', number('pct', 100)],
  ['ri', number('ri', 0xffff_ffff)],
  [
    'rf',
    (draft, value) => {
      draft.rf = value.split(':', 20).map((word) => word.trim());
      return undefined;
    },
  ],
]);

const versionPattern = /^[ \t]*v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/i;
const tagName = /^[A-Za-z][A-Za-z0-9_]*$/;
const tagValue = /^[\x20-\x3a\x3c-\x7e]+$/;

/** Whether a TXT record is one of DMARC: "v=DMARC1" comes first, its value in upper case (RFC 9989 §4.7). */
export function isDmarcRecord(text: string): boolean {
  const match = versionPattern.exec(text);
  return match?.[0].includes('DMARC1') === true;
}

function readTag(draft: Draft, seen: Set<string>, field: string, offset: number): Result<DmarcRecordDefect | undefined> {
  const equals = field.indexOf('=');
  const name = trimBlanks(field, 0, Math.max(equals, 0));
  const value = trimBlanks(field, equals + 1);
  const tag = name.toLowerCase();
  const defect = (problem: string): Result<DmarcRecordDefect> => ok({ tag, offset, problem });
  if (!tagName.test(name)) return defect(field === '' ? 'an empty field' : 'not a tag and value');
  if (tag === 'v' || seen.has(tag)) return parseError(offset, `tag "${tag}" a second time`);
  seen.add(tag);
  const reader = readers.get(tag);
  if (!tagValue.test(value)) return defect(value === '' ? 'no value' : 'a character that a value must not have');
  if (!reader) draft.extensions = [...draft.extensions, [name, value]];
  const problem = reader?.(draft, value);
  if (problem !== undefined) return defect(problem);
  // deviates RFC 9989 §4.7: the syntax of RFC 6376 §3.2 minds the case of tag names; the ABNF of RFC 7489 §6.4 did not, and there are such records.
  return reader && name !== tag ? defect('not in lower case') : ok(undefined);
}

/**
 * Reads a DMARC Policy Record (RFC 9989 §4.7). There is an error where it is not one at all: no "v=DMARC1" in front, or a tag twice
 * (RFC 6376 §3.2). Whatever else is wrong is a defect, and its tag has its default (RFC 9989 §4.8).
 */
export function parseDmarcRecord(text: string): Result<ParsedDmarcRecord> {
  if (!isDmarcRecord(text)) return parseError(0, '"v=DMARC1" expected');
  const draft: Draft = { adkim: 'r', aspf: 'r', psd: 'u', t: 'n', fo: ['0'], rua: [], ruf: [], extensions: [] };
  const seen = new Set<string>();
  const defects: DmarcRecordDefect[] = [];
  let at = text.indexOf(';');
  while (at >= 0) {
    const semicolon = text.indexOf(';', at + 1);
    const field = trimBlanks(text, at + 1, semicolon < 0 ? text.length : semicolon);
    if (field === '' && semicolon < 0) break;
    const defect = readTag(draft, seen, field, at + 1);
    if (!defect.ok) return defect;
    if (defect.value) defects.push(defect.value);
    if (seen.size > mostTags || defects.length > mostDefects) return parseError(at + 1, 'too many tags or faults');
    at = semicolon;
  }
  return ok({ record: draft, defects });
}

/** The policies that a record asks for, once it is known to be good enough to be applied. */
export type DmarcPolicies = Pick<DmarcRecord, 'p' | 'sp' | 'np'> & { readonly p: DmarcPolicy };

/**
 * The policies that a record asks for (RFC 9989 §4.10.1): without a valid `p`, or with an invalid `sp` or `np`, it is `p=none` where
 * aggregate reports are wanted; undefined where not: then DMARC is not applied.
 */
export function applicablePolicies(parsed: ParsedDmarcRecord): DmarcPolicies | undefined {
  const { p, sp, np, rua } = parsed.record;
  if (p !== undefined && !parsed.defects.some(isInvalidPolicy)) return { p, ...(sp && { sp }), ...(np && { np }) };
  return rua.length > 0 ? { p: 'none' } : undefined;
}

/** Whether a defect is a policy that is none, rather than one that is written oddly. */
export function isInvalidPolicy(defect: DmarcRecordDefect): boolean {
  return (defect.tag === 'p' || defect.tag === 'sp' || defect.tag === 'np') && defect.problem !== 'not in lower case';
}

function isDefault(record: DmarcRecord, tag: 'adkim' | 'aspf' | 'psd' | 't'): boolean {
  return record[tag] === { adkim: 'r', aspf: 'r', psd: 'u', t: 'n' }[tag];
}

/** Writes a DMARC Policy Record; tags with their defaults are left out. Throws a TypeError where a value cannot be written. */
export function formatDmarcRecord(record: DmarcRecord): string {
  const tags: (readonly [string, string | undefined])[] = [
    ['p', record.p],
    ['sp', record.sp],
    ['np', record.np],
    ...(['psd', 't', 'adkim', 'aspf'] as const).map((tag) => [tag, isDefault(record, tag) ? undefined : record[tag]] as const),
    ['fo', record.fo.join(':') === '0' || record.fo.length === 0 ? undefined : record.fo.join(':')],
    ['rua', record.rua.length === 0 ? undefined : record.rua.map(formatReportUri).join(',')],
    ['ruf', record.ruf.length === 0 ? undefined : record.ruf.map(formatReportUri).join(',')],
    ['pct', record.pct?.toString()],
    ['ri', record.ri?.toString()],
    ['rf', record.rf?.join(':')],
    ...record.extensions,
  ];
  const fields = tags.flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (!tagName.test(name) || !tagValue.test(value)) throw new TypeError(`tag ${JSON.stringify(name)} cannot be written`);
    return [`${name}=${value}`];
  });
  return ['v=DMARC1', ...fields].join('; ');
}
