import { type DomainRecordKind, lookupDomainRecord, type Resolver } from '@mox/dns';
import type { Trace } from '@mox/runtime';
import { ok, parseError, parseIp, parseRecordFields, type Result } from '@mox/syntax';

/** A `_smtp._tls` TXT record (RFC 8460 §3), read. */
export interface TlsRptRecord {
  /** Where reports go: `mailto:` and `https:` URIs, as published. */
  readonly rua: readonly string[];
  /** Fields that RFC 8460 does not know, in order. */
  readonly extensions: readonly (readonly [name: string, value: string])[];
}

const knownFields: ReadonlySet<string> = new Set(['rua']);
// RFC 3986 §2 without comma, exclamation point and semicolon, which must be encoded (RFC 8460 §3).
const pathCharacters = "(?:[A-Za-z0-9._~$&'()*+=:@/-]|%[0-9A-Fa-f]{2})*";
const nameCharacters = "(?:[A-Za-z0-9._~$&'()*+=-]|%[0-9A-Fa-f]{2})*";
const userCharacters = "(?:[A-Za-z0-9._~$&'()*+=:-]|%[0-9A-Fa-f]{2})*";
const authority = `//(?:${userCharacters}@)?(?:\\[(?<literal>[^\\]]*)\\]|${nameCharacters})(?::\\d*)?(?=[/?#]|$)`;
const queryCharacters = "(?:[A-Za-z0-9._~$&'()*+=:@/?-]|%[0-9A-Fa-f]{2})*";
const uriPattern = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*:(?:${authority}|(?!//))${pathCharacters}(?:\\?${queryCharacters})?(?:#${queryCharacters})?$`,
);
const futureLiteral = /^v[0-9a-f]+\.[a-z0-9._~$&'()*+=:-]+$/i;

/** Whether a text is a URI of RFC 3986 §3. */
function isUri(text: string): boolean {
  const match = uriPattern.exec(text);
  const literal = match?.groups?.['literal'];
  return match !== null && (literal === undefined || parseIp(literal)?.version === 6 || futureLiteral.test(literal));
}

/** URIs that say where to send: an address, or a host. */
const supported = /^(?:mailto:[^?#]|https:\/\/[^/?#])/i;
const mostUris = 20;

/** The URIs of a list, those that nobody can report to left out; undefined where one is none. */
function parseRua(value: string): readonly string[] | undefined {
  if (/[^\t\x20-\x7e]/.test(value)) return undefined;
  const uris = value.split(',', mostUris + 1).map((uri) => uri.trim());
  if (uris.length > mostUris || !uris.every(isUri)) return undefined;
  return uris.filter((uri) => supported.test(uri));
}

/** Reads a `_smtp._tls` TXT record (RFC 8460 §3). Several fields "rua" are as one. */
// deviates RFC 8460 §3: spaces and tabs behind "rua=" and at the end are let through, as they are at every comma and semicolon.
export function parseTlsRptRecord(text: string): Result<TlsRptRecord> {
  const fields = parseRecordFields(text, 'TLSRPTv1', knownFields);
  if (!fields.ok) return fields;
  const extensions: (readonly [string, string])[] = [];
  const rua: string[] = [];
  for (const { name, value, offset } of fields.value) {
    const uris = name === 'rua' ? parseRua(value) : [];
    if (!uris || rua.length + uris.length > mostUris) return parseError(offset, '"rua" is not a list of URIs, or one too long');
    if (name === 'rua') rua.push(...uris);
    else extensions.push([name, value]);
  }
  return rua.length > 0 ? ok({ rua, extensions }) : parseError(text.length, 'no field "rua" with a mailto: or https: URI');
}

/** Writes a `_smtp._tls` TXT record. */
export function formatTlsRptRecord(record: TlsRptRecord): string {
  return ['v=TLSRPTv1', `rua=${record.rua.join(',')}`, ...record.extensions.map(([name, value]) => `${name}=${value}`)].join('; ');
}

/** What the DNS says of a domain's TLS reporting. */
export interface TlsRptLookup {
  /** `none`: the domain wants no reports. */
  readonly status: 'ok' | 'none' | 'temperror';
  readonly record?: TlsRptRecord;
  readonly problem?: string;
  readonly trace: Trace;
}

const kind: DomainRecordKind<TlsRptRecord> = {
  labels: '_smtp._tls',
  rfc: 'RFC 8460 §3',
  claims: (text) => /^v=TLSRPTv1[ \t]*;/.test(text),
  parse: parseTlsRptRecord,
};

/** Looks up the record of a policy domain, given as A-labels (RFC 8460 §3). */
export function lookupTlsRptRecord(
  domain: string,
  deps: { readonly resolver: Resolver; readonly signal?: AbortSignal },
): Promise<TlsRptLookup> {
  return lookupDomainRecord(domain, kind, deps);
}
