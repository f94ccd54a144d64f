import type { TraceDns } from '@mox/runtime';
import type { Result } from '@mox/syntax';
import { lookupTxt } from './lookups.ts';
import type { Resolver } from './resolver.ts';
import { traceDns } from './trace-dns.ts';

/** How records of one kind are told from other texts at the same name, and read. */
export interface TxtRecordForm<T> {
  /** Whether a text claims to be such a record, by the version that it begins with. */
  readonly claims: (text: string) => boolean;
  readonly parse: (text: string) => Result<T>;
}

/**
 * What stands at a name where one record of a kind may stand: it (`ok`); no such text, or no such name (`none`); more than one, of
 * which none counts (`several`); one that cannot be read (`invalid`); nobody knows, to be asked again (`temperror`).
 */
export interface TxtRecordLookup<T> {
  readonly status: 'ok' | 'none' | 'several' | 'invalid' | 'temperror';
  readonly record?: T;
  /** Why there is no record, unless it is `ok`. */
  readonly problem?: string;
  /** Whether the answer was validated by DNSSEC. */
  readonly authentic: boolean;
  /** The question and its answer, for a trace. */
  readonly dns: TraceDns;
}

/**
 * Looks up the one policy record of a kind among the TXT records of a name, as DMARC (RFC 9989 §4.10), MTA-STS (RFC 8461 §3.1) and
 * TLSRPT (RFC 8460 §3) have them: strings joined, other texts passed over. Rejects with the reason of an aborted signal.
 */
export async function lookupTxtRecord<T>(
  name: string,
  form: TxtRecordForm<T>,
  deps: { readonly resolver: Resolver; readonly signal?: AbortSignal },
): Promise<TxtRecordLookup<T>> {
  const { answer, texts } = await lookupTxt(deps.resolver, name, deps.signal ? { signal: deps.signal } : {});
  const found = { authentic: answer.security === 'secure', dns: traceDns(name, 'TXT', answer) };
  // A forged "no such name" must not pass for one, so this is asked first.
  if (answer.security === 'bogus') return { ...found, status: 'temperror', problem: answer.problem ?? 'bogus' };
  if (answer.status === 'nxdomain' || answer.status === 'nodata' || answer.status === 'malformed-name')
    return { ...found, status: 'none', problem: 'no record' };
  if (answer.status !== 'ok') return { ...found, status: 'temperror', problem: answer.problem ?? answer.status };
  const [text, ...others] = texts.filter(form.claims);
  if (text === undefined) return { ...found, status: 'none', problem: 'no record' };
  if (others.length > 0) return { ...found, status: 'several', problem: 'more than one record' };
  const parsed = form.parse(text);
  if (!parsed.ok) return { ...found, status: 'invalid', problem: `invalid record: ${parsed.error.message}` };
  return { ...found, status: 'ok', record: parsed.value };
}
