import { joinTxt } from '@mox/dns';
import type { TraceStep } from '@mox/runtime';
import { cidrContains } from '@mox/syntax';
import { type MacroString, parseMacroString } from './macro.ts';
import { answerKind, lookupFailed, type SpfQueries, SpfStop } from './queries.ts';
import { isSpfRecord, type SpfMechanism, type SpfRecord } from './record.ts';
import { type ReadRecord, rememberRecord } from './record-memory.ts';
import { isWithin, type SpfClient } from './spf-client.ts';

/** Result of `checkHost` (RFC 7208 §2.6). */
export type SpfStatus = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

/** What one call of check_host() gives. */
export interface Evaluation {
  readonly status: SpfStatus;
  /** The domain whose record decided. */
  readonly recordDomain: string;
  readonly mechanism?: string;
  readonly problem?: string;
  /** The record that decided, for its `exp`. */
  readonly record?: SpfRecord;
}

type DnsMechanism = Exclude<SpfMechanism, { type: 'all' | 'ip4' | 'ip6' }>;

const mechanismSections: Readonly<Record<SpfMechanism['type'], string>> = {
  all: 'RFC 7208 §5.1',
  include: 'RFC 7208 §5.2',
  a: 'RFC 7208 §5.3',
  mx: 'RFC 7208 §5.4',
  ptr: 'RFC 7208 §5.5',
  ip4: 'RFC 7208 §5.6',
  ip6: 'RFC 7208 §5.6',
  exists: 'RFC 7208 §5.7',
};

/** Whether a name can be asked for, and has more than one label (RFC 7208 §4.3). An address literal is none. */
function isCheckable(domain: string): boolean {
  if (domain.length > 253 || (domain.startsWith('[') && domain.endsWith(']'))) return false;
  let labels = 0;
  for (let start = 0; start <= domain.length; labels++) {
    const dot = domain.indexOf('.', start);
    const end = dot < 0 ? domain.length : dot;
    if (end === start || end - start > 63) return false;
    start = end + 1;
  }
  return labels > 1;
}

/** Evaluates records for one client; the steps taken go into a trace. */
export class SpfEvaluator {
  readonly #client: SpfClient;
  readonly #queries: SpfQueries;

  constructor(client: SpfClient, queries: SpfQueries) {
    this.#client = client;
    this.#queries = queries;
  }

  /** check_host() (RFC 7208 §4). Throws `SpfStop` for an error. */
  async evaluate(domain: string, trace: TraceStep[]): Promise<Evaluation> {
    const none = { status: 'none', recordDomain: domain } as const;
    if (!isCheckable(domain)) {
      const problem = 'not a domain name of two labels or more';
      trace.push({ step: 'domain', rfc: 'RFC 7208 §4.3', inputs: { domain }, outcome: 'none', detail: problem });
      return { ...none, problem };
    }
    const text = await this.#fetchRecord(domain, trace);
    if (text === undefined) return { ...none, problem: 'no SPF record' };
    const read = rememberRecord(text);
    const inputs = { domain, record: text };
    if (!read.parsed.ok) {
      const { message } = read.parsed.error;
      trace.push({ step: 'syntax', rfc: 'RFC 7208 §4.6', inputs, outcome: 'permerror', detail: message });
      throw new SpfStop('permerror', `record of ${domain}: ${message}`);
    }
    trace.push({ step: 'record', rfc: 'RFC 7208 §4.5', inputs, outcome: 'found', ...this.#queries.takeDns() });
    return this.#evaluateRecord(domain, read.parsed.value, read, trace);
  }

  /** The one SPF record of a domain (RFC 7208 §4.4, §4.5). */
  async #fetchRecord(domain: string, trace: TraceStep[]): Promise<string | undefined> {
    const answer = await this.#queries.ask(domain, 'TXT');
    const step = { step: 'record', rfc: 'RFC 7208 §4.4', inputs: { domain } };
    if (answerKind(answer) === 'failure') {
      trace.push({ ...step, outcome: 'temperror', ...this.#queries.takeDns() });
      throw lookupFailed(domain, 'TXT', answer);
    }
    const records = answer.records.map((record) => joinTxt(record.data)).filter(isSpfRecord);
    if (records.length > 1) {
      trace.push({ ...step, rfc: 'RFC 7208 §4.5', outcome: 'permerror', detail: 'more than one SPF record', ...this.#queries.takeDns() });
      throw new SpfStop('permerror', `${domain} has more than one SPF record`);
    }
    if (records.length === 0) trace.push({ ...step, rfc: 'RFC 7208 §4.5', outcome: 'none', ...this.#queries.takeDns() });
    return records[0];
  }

  async #evaluateRecord(domain: string, record: SpfRecord, { mechanismTexts }: ReadRecord, trace: TraceStep[]): Promise<Evaluation> {
    for (const [i, mechanism] of record.mechanisms.entries()) {
      const text = mechanismTexts[i] ?? mechanism.type;
      const steps: TraceStep[] = [];
      const step = { step: `mechanism ${text}`, rfc: mechanismSections[mechanism.type] };
      let matched: boolean;
      try {
        const match = this.#matches(mechanism, domain, steps);
        matched = typeof match === 'boolean' ? match : await match;
      } catch (error) {
        if (error instanceof SpfStop) trace.push({ ...step, outcome: error.status, detail: error.message, ...this.#inner(steps) });
        throw error;
      }
      trace.push({ ...step, outcome: matched ? mechanism.result : 'no match', ...this.#inner(steps) });
      if (matched) return { status: mechanism.result, recordDomain: domain, mechanism: text, record };
    }
    if (record.redirect) return this.#redirect(domain, record.redirect, trace);
    trace.push({ step: 'default', rfc: 'RFC 7208 §4.7', outcome: 'neutral', detail: 'no mechanism matched' });
    return { status: 'neutral', recordDomain: domain, mechanism: 'default', record };
  }

  #inner(steps: readonly TraceStep[]): Pick<TraceStep, 'dns' | 'steps'> {
    return { ...this.#queries.takeDns(), ...(steps.length > 0 && { steps }) };
  }

  /** RFC 7208 §6.1. */
  async #redirect(domain: string, target: MacroString, trace: TraceStep[]): Promise<Evaluation> {
    this.#queries.countLookup();
    const name = await this.#client.expandDomain(target, domain);
    trace.push({ step: `modifier redirect=${target.text}`, rfc: 'RFC 7208 §6.1', inputs: { target: name }, outcome: 'followed' });
    const evaluation = await this.evaluate(name, trace);
    if (evaluation.status === 'none') throw new SpfStop('permerror', `redirect to ${name}, which has no SPF record`);
    return evaluation;
  }

  #matches(mechanism: SpfMechanism, domain: string, steps: TraceStep[]): boolean | Promise<boolean> {
    switch (mechanism.type) {
      case 'all':
        return true;
      case 'ip4':
      case 'ip6':
        return cidrContains(mechanism.network, this.#client.subject.ip);
      default:
        this.#queries.countLookup();
        return this.#matchesByDns(mechanism, domain, steps);
    }
  }

  async #matchesByDns(mechanism: DnsMechanism, domain: string, steps: TraceStep[]): Promise<boolean> {
    const target = mechanism.domain ? await this.#client.expandDomain(mechanism.domain, domain) : domain;
    switch (mechanism.type) {
      case 'include':
        return this.#includes(target, steps);
      case 'exists':
        // A records alone, whatever the version of <ip> (RFC 7208 §5.7).
        return (await this.#queries.lookup(target, 'A')).length > 0;
      case 'a':
        return this.#client.hasAddress(target, mechanism);
      case 'mx':
        return this.#hasExchange(target, mechanism);
      case 'ptr':
        return (await this.#client.validatedNames(target)).some((name) => isWithin(name, target.toLowerCase()));
    }
  }

  /** RFC 7208 §5.2: of the results of the other record only `pass` matches, and `none` is a permerror. */
  async #includes(target: string, steps: TraceStep[]): Promise<boolean> {
    const { status } = await this.evaluate(target, steps);
    if (status === 'none') throw new SpfStop('permerror', `include of ${target}, which has no SPF record`);
    return status === 'pass';
  }

  /** RFC 7208 §5.4. */
  async #hasExchange(name: string, prefixes: { readonly ip4Prefix: number; readonly ip6Prefix: number }): Promise<boolean> {
    const records = await this.#queries.lookup(name, 'MX');
    const { names } = this.#queries.limits;
    if (records.length > names) throw new SpfStop('permerror', `${name} has more than ${names} MX records`);
    for (const { data } of records) {
      // The null MX (RFC 7505 §3) names no host.
      if (data.exchange !== '' && (await this.#client.hasAddress(data.exchange, prefixes))) return true;
    }
    return false;
  }

  /** The explanation of a `fail` (RFC 7208 §6.2); undefined where there is none, or a faulty one. */
  async explain(evaluation: Evaluation, trace: TraceStep[]): Promise<string | undefined> {
    const spec = evaluation.record?.explanation;
    if (evaluation.status !== 'fail' || !spec) return undefined;
    this.#queries.stopCounting();
    const explanation = await this.#fetchExplanation(
      await this.#client.expandDomain(spec, evaluation.recordDomain),
      evaluation.recordDomain,
    );
    trace.push({
      step: `modifier exp=${spec.text}`,
      rfc: 'RFC 7208 §6.2',
      outcome: explanation === undefined ? 'ignored' : 'explained',
      ...(explanation !== undefined && { detail: explanation }),
      ...this.#queries.takeDns(),
    });
    return explanation;
  }

  async #fetchExplanation(name: string, domain: string): Promise<string | undefined> {
    const answer = await this.#queries.ask(name, 'TXT');
    const [record] = answer.records;
    if (answerKind(answer) !== 'records' || !record || answer.records.length > 1) return undefined;
    const parsed = parseMacroString(joinTxt(record.data), { explanation: true });
    if (!parsed.ok) return undefined;
    const explanation = await this.#client.expand(parsed.value, domain);
    return /^[\x20-\x7e]*$/.test(explanation) ? explanation : undefined;
  }
}
