import { joinTxt, type Resolver, traceDns } from '@mox/dns';
import type { Trace, TraceStep } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';

/** A `_smtp._tls` TXT record (RFC 8460 §3), read. */
export interface TlsRptRecord {
  /** Where reports go: `mailto:` and `https:` URIs, as published. */
  readonly rua: readonly string[];
  /** Fields that RFC 8460 does not know, in order. */
  readonly extensions: readonly (readonly [name: string, value: string])[];
}

const extensionName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
const extensionValue = /^[\x21-\x3a\x3c\x3e-\x7e]+$/;
// RFC 3986 characters without comma, exclamation point and semicolon, which must be encoded.
const uriPattern = /^(?:mailto:[A-Za-z0-9._~:/?#[\]@$&'()*+=%-]+|https:\/\/[A-Za-z0-9._~:/?#[\]@$&'()*+=%-]+)$/i;
const mostUris = 20;

function parseRua(value: string): readonly string[] | undefined {
  const uris = value.split(',').map((uri) => uri.replace(/^[ \t]+|[ \t]+$/g, ''));
  return uris.length <= mostUris && uris.every((uri) => uriPattern.test(uri)) ? uris : undefined;
}

/** Reads a `_smtp._tls` TXT record (RFC 8460 §3). */
export function parseTlsRptRecord(text: string): Result<TlsRptRecord> {
  if (!/^v=TLSRPTv1[ \t]*(?:;|$)/.test(text)) return parseError(0, '"v=TLSRPTv1" expected');
  const extensions: (readonly [string, string])[] = [];
  let rua: readonly string[] | undefined;
  let at = text.indexOf(';');
  while (at >= 0 && at < text.length) {
    const semicolon = text.indexOf(';', at + 1);
    const end = semicolon < 0 ? text.length : semicolon;
    const field = text.slice(at + 1, end).replace(/^[ \t]+|[ \t]+$/g, '');
    if (field === '' && semicolon < 0) break;
    const equals = field.indexOf('=');
    const name = field.slice(0, Math.max(equals, 0));
    const value = field.slice(equals + 1);
    if (name === 'rua') {
      if (rua) return parseError(at + 1, 'field "rua" a second time');
      rua = parseRua(value);
      if (!rua) return parseError(at + 1, '"rua" is not a list of mailto: and https: URIs');
    } else if (extensionName.test(name) && extensionValue.test(value)) extensions.push([name, value]);
    else return parseError(at + 1, 'a field that is no name and value');
    at = end;
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
