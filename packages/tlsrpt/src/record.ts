import { joinTxt, type Resolver, traceDns } from '@mox/dns';
import type { Trace, TraceStep } from '@mox/runtime';
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
const uriPattern = /^(?:mailto:[A-Za-z0-9._~:/?#[\]@$&'()*+=%-]+|https:\/\/[A-Za-z0-9._~:/?#[\]@$&'()*+=%-]+)$/i;
const mostUris = 20;

function parseRua(value: string): readonly string[] | undefined {
  const uris = value.split(',', mostUris + 1).map((uri) => uri.trim());
  return uris.length <= mostUris && uris.every((uri) => uriPattern.test(uri)) ? uris : undefined;
}

/** Reads a `_smtp._tls` TXT record (RFC 8460 §3). */
export function parseTlsRptRecord(text: string): Result<TlsRptRecord> {
  const fields = parseRecordFields(text, 'TLSRPTv1', knownFields);
  if (!fields.ok) return fields;
  const extensions: (readonly [string, string])[] = [];
  let rua: readonly string[] | undefined;
  for (const { name, value, offset } of fields.value) {
    if (name !== 'rua') extensions.push([name, value]);
    else if (rua) return parseError(offset, 'field "rua" a second time');
    else {
      rua = parseRua(value);
      if (!rua) return parseError(offset, '"rua" is not a list of mailto: and https: URIs');
    }
  }
  return rua ? ok({ rua, extensions }) : parseError(text.length, 'required field "rua" is missing');
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

/** Looks up the record of a policy domain, given as A-labels (RFC 8460 §3). */
export async function lookupTlsRptRecord(
  domain: string,
  deps: { readonly resolver: Resolver; readonly signal?: AbortSignal },
): Promise<TlsRptLookup> {
  const name = `_smtp._tls.${domain}`;
  const answer = await deps.resolver.query(name, 'TXT', deps.signal ? { signal: deps.signal } : {});
  const step = { step: 'record', rfc: 'RFC 8460 §3', inputs: { domain }, dns: [traceDns(name, 'TXT', answer)] };
  const finish = (status: TlsRptLookup['status'], problem?: string, record?: TlsRptRecord): TlsRptLookup => {
    const trace: TraceStep[] = [{ ...step, outcome: status, ...(problem !== undefined && { detail: problem }) }];
    return { status, ...(record && { record }), ...(problem !== undefined && { problem }), trace };
  };
  if (['nxdomain', 'nodata', 'malformed-name'].includes(answer.status)) return finish('none', 'no record');
  if (answer.status !== 'ok' || answer.security === 'bogus') return finish('temperror', answer.problem ?? answer.status);
  const texts = answer.records.map((record) => joinTxt(record.data)).filter((text) => /^v=TLSRPTv1[ \t]*;/.test(text));
  const [text] = texts;
  if (text === undefined || texts.length > 1) return finish('none', text === undefined ? 'no record' : 'more than one record');
  const parsed = parseTlsRptRecord(text);
  return parsed.ok ? finish('ok', undefined, parsed.value) : finish('none', `invalid record: ${parsed.error.message}`);
}
