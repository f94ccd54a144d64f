import { lookupTxtRecord, type Resolver, type TxtRecordForm } from '@mox/dns';
import type { Trace } from '@mox/runtime';
import { ok, parseError, parseRecordFields, type Result } from '@mox/syntax';

/** A `_smtp._tls` TXT record (RFC 8460 §3), read. */
export interface TlsRptRecord {
  /** Where reports go: `mailto:` and `https:` URIs, as published. */
  readonly rua: readonly string[];
  /** Fields that RFC 8460 does not know, in order. */
  readonly extensions: readonly (readonly [name: string, value: string])[];
}

const knownFields: ReadonlySet<string> = new Set(['rua']);
// RFC 3986 characters without comma, exclamation point and semicolon, which must be encoded.
const uriPattern = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#[\]@$&'()*+=%-]+$/;
const supported = /^(?:mailto:|https:\/\/)/i;
const mostUris = 20;

/** The URIs of a list, those of schemes that nobody reports to left out; undefined where one is none. */
function parseRua(value: string): readonly string[] | undefined {
  const uris = value.split(',', mostUris + 1).map((uri) => uri.trim());
  if (uris.length > mostUris || !uris.every((uri) => uriPattern.test(uri))) return undefined;
  return uris.filter((uri) => supported.test(uri));
}

/** Reads a `_smtp._tls` TXT record (RFC 8460 §3). Several fields "rua" are as one. */
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

const form: TxtRecordForm<TlsRptRecord> = { claims: (text) => /^v=TLSRPTv1[ \t]*;/.test(text), parse: parseTlsRptRecord };

/** Looks up the record of a policy domain, given as A-labels (RFC 8460 §3). */
export async function lookupTlsRptRecord(
  domain: string,
  deps: { readonly resolver: Resolver; readonly signal?: AbortSignal },
): Promise<TlsRptLookup> {
  const { status: kind, record, problem, dns } = await lookupTxtRecord(`_smtp._tls.${domain}`, form, deps);
  const status = kind === 'ok' || kind === 'temperror' ? kind : 'none';
  const detail = problem === undefined ? {} : { detail: problem };
  return {
    status,
    ...(record && { record }),
    ...(problem !== undefined && { problem }),
    trace: [{ step: 'record', rfc: 'RFC 8460 §3', inputs: { domain }, outcome: status, ...detail, dns: [dns] }],
  };
}
