import { type DomainRecordKind, lookupDomainRecord, type Resolver } from '@mox/dns';
import type { Trace } from '@mox/runtime';
import { ok, parseError, parseRecordFields, type Result } from '@mox/syntax';

/** An `_mta-sts` TXT record (RFC 8461 §3.1), read. */
export interface MtaStsRecord {
  /** Changes whenever the policy does. */
  readonly id: string;
  /** Fields that RFC 8461 does not know, in order. */
  readonly extensions: readonly (readonly [name: string, value: string])[];
}

const knownFields: ReadonlySet<string> = new Set(['id']);

/**
 * Reads an `_mta-sts` TXT record (RFC 8461 §3.1). Of a field that stands twice the first counts (§3.2), though the others must have a
 * value too.
 */
// deviates RFC 8461 §3.1: spaces and tabs at the end are let through, as they are in front of every semicolon.
export function parseMtaStsRecord(text: string): Result<MtaStsRecord> {
  const fields = parseRecordFields(text, 'STSv1', knownFields);
  if (!fields.ok) return fields;
  const extensions: (readonly [string, string])[] = [];
  let id: string | undefined;
  for (const { name, value, offset } of fields.value) {
    if (name !== 'id') extensions.push([name, value]);
    else if (id !== undefined && /^[\x21-\x3a\x3c\x3e-\x7e]+$/.test(value)) continue;
    else if (!/^[A-Za-z0-9]{1,32}$/.test(value)) return parseError(offset, '"id" is not 1 to 32 letters and digits');
    else id = value;
  }
  return id === undefined ? parseError(text.length, 'required field "id" is missing') : ok({ id, extensions });
}

/** Writes an `_mta-sts` TXT record. */
export function formatMtaStsRecord(record: MtaStsRecord): string {
  return ['v=STSv1', `id=${record.id}`, ...record.extensions.map(([name, value]) => `${name}=${value}`), ''].join('; ').trimEnd();
}

/** What the DNS says of a domain's MTA-STS. */
export interface MtaStsLookup {
  /** `none`: the domain has no usable record; a policy known from before still holds (RFC 8461 §3.1). */
  readonly status: 'ok' | 'none' | 'temperror';
  readonly record?: MtaStsRecord;
  readonly problem?: string;
  readonly trace: Trace;
}

const kind: DomainRecordKind<MtaStsRecord> = {
  labels: '_mta-sts',
  rfc: 'RFC 8461 §3.1',
  claims: (text) => /^v=STSv1[ \t]*;/.test(text),
  parse: parseMtaStsRecord,
};

/** Looks up the record of a policy domain, given as A-labels (RFC 8461 §3.1). */
export function lookupMtaStsRecord(
  domain: string,
  deps: { readonly resolver: Resolver; readonly signal?: AbortSignal },
): Promise<MtaStsLookup> {
  return lookupDomainRecord(domain, kind, deps);
}
