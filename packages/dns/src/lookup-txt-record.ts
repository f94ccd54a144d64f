import type { Trace, TraceDns } from '@mox/runtime';
import type { Result } from '@mox/syntax';
import { lookupTxt } from './lookups.ts';
import { describeFailure, isFailedAnswer } from './negative-answer.ts';
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
  if (isFailedAnswer(answer)) return { ...found, status: 'temperror', problem: describeFailure(answer) };
  const [text, ...others] = texts.filter(form.claims);
  if (text === undefined) return { ...found, status: 'none', problem: 'no record' };
  if (others.length > 0) return { ...found, status: 'several', problem: 'more than one record' };
  const parsed = form.parse(text);
  if (!parsed.ok) return { ...found, status: 'invalid', problem: `invalid record: ${parsed.error.message}` };
  return { ...found, status: 'ok', record: parsed.value };
}

/** A kind of record that a domain has one of, at a name below it. */
export interface DomainRecordKind<T> extends TxtRecordForm<T> {
  /** What stands in front of the domain in that name, such as `_mta-sts`. */
  readonly labels: string;
  /** Where it is defined, for the trace, such as `RFC 8461 §3.1`. */
  readonly rfc: string;
}

/** What a domain publishes of a kind: one usable record (`ok`), or none; or nobody knows, to be asked again (`temperror`). */
export interface DomainRecordLookup<T> {
  readonly status: 'ok' | 'none' | 'temperror';
  readonly record?: T;
  /** Why there is no record, unless it is `ok`. */
  readonly problem?: string;
  readonly trace: Trace;
}

/**
 * Looks up the record of a kind for a domain, given as A-labels, where several records, or one that cannot be read, are none
 * (RFC 8461 §3.1, RFC 8460 §3). Rejects with the reason of an aborted signal.
 */
export async function lookupDomainRecord<T>(
  domain: string,
  kind: DomainRecordKind<T>,
  deps: { readonly resolver: Resolver; readonly signal?: AbortSignal },
): Promise<DomainRecordLookup<T>> {
  const { status: found, record, problem, dns } = await lookupTxtRecord(`${kind.labels}.${domain}`, kind, deps);
  const status = found === 'ok' || found === 'temperror' ? found : 'none';
  const detail = problem === undefined ? {} : { detail: problem };
  return {
    status,
    ...(record !== undefined && { record }),
    ...(problem !== undefined && { problem }),
    trace: [{ step: 'record', rfc: kind.rfc, inputs: { domain }, outcome: status, ...detail, dns: [dns] }],
  };
}
