import { type DnsAnswer, joinTxt } from '@mox/dns';
import type { TraceStep } from '@mox/runtime';
import { type MacroString, parseMacroString, usesMacro } from './macro.ts';
import type { ReadMechanism } from './mechanism.ts';
import { answerKind, lookupFailed, type SpfProblem, type SpfQueries } from './queries.ts';
import type { ReadRecord } from './record.ts';
import { type ReadTxt, readTxtAt } from './record-memory.ts';
import type { SpfClient } from './spf-client.ts';
import { countLabels } from './target-name.ts';

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
  readonly record?: ReadRecord;
}

/** What came of a mechanism: whether it matches, the evaluation of the record it includes, or why the check ends. */
type Found = boolean | Evaluation | SpfProblem;

const longestTraced = 2048;

/** A record as a trace keeps it: as much as is kept of a DNS answer. */
function traced(text: string): string {
  return text.length > longestTraced ? `${text.slice(0, longestTraced)}...` : text;
}

/** Whether a name can be asked for, and has more than one label (RFC 7208 §4.3). An address literal is none. */
function isCheckable(domain: string): boolean {
  return countLabels(domain) > 1 && !(domain.startsWith('[') && domain.endsWith(']'));
}

function notCheckable(domain: string, trace: TraceStep[]): Evaluation {
  const problem = 'not a domain name of two labels or more';
  trace.push({ step: 'domain', rfc: 'RFC 7208 §4.3', inputs: { domain }, outcome: 'none', detail: problem });
  return { status: 'none', recordDomain: domain, problem };
}

/** Whether a mechanism needs no DNS. */
function isLocal({ type }: ReadMechanism): boolean {
  return type === 'ip4' || type === 'ip6' || type === 'all';
}

/** Whether the macro `p` is in the domain-spec of a mechanism. */
function usesName({ domain }: ReadMechanism): boolean {
  return domain !== undefined && usesMacro(domain, 'p');
}

/** A record that is being evaluated, for a domain. */
interface Place {
  readonly domain: string;
  readonly read: ReadRecord;
  readonly trace: TraceStep[];
}

/** Whether a mechanism matches, or why the check ends. Of an included record only `pass` matches, and `none` is a permerror (RFC 7208 §5.2). */
function judge(found: Found): boolean | SpfProblem {
  if (typeof found === 'boolean') return found;
  switch (found.status) {
    case 'temperror':
    case 'permerror':
      return { status: found.status, problem: found.problem ?? found.status };
    case 'none':
      return { status: 'permerror', problem: `include of ${'recordDomain' in found ? found.recordDomain : ''}, which has no SPF record` };
    default:
      return found.status === 'pass';
  }
}

/** Evaluates records for one client; the steps taken go into a trace. */
export class SpfEvaluator {
  readonly #client: SpfClient;
  readonly #queries: SpfQueries;

  constructor(client: SpfClient, queries: SpfQueries) {
    this.#client = client;
    this.#queries = queries;
  }

  /** check_host() (RFC 7208 §4). */
  async evaluate(domain: string, trace: TraceStep[]): Promise<Evaluation> {
    if (!isCheckable(domain)) return notCheckable(domain, trace);
    const evaluation = this.#evaluateAnswer(domain, await this.#queries.send(domain, 'TXT'), trace);
    return evaluation instanceof Promise ? await evaluation : evaluation;
  }

  /** Evaluates the record in an answer: at once where no more DNS is needed, as for most records that others include. */
  #evaluateAnswer(domain: string, answer: DnsAnswer<'TXT'>, trace: TraceStep[]): Evaluation | Promise<Evaluation> {
    const read = this.#selectRecord(domain, answer, trace);
    if ('status' in read) return read;
    const place = { domain, read, trace };
    const start = this.#passLocal(place, 0);
    const term = read.mechanisms[start];
    const isDecided = term ? isLocal(term) : !read.redirect;
    return isDecided ? this.#decide(place, term) : this.#walk(place, start);
  }

  /** The one SPF record in the answer for a domain (RFC 7208 §4.4, §4.5, §4.6), or how the evaluation ends without. */
  #selectRecord(domain: string, answer: DnsAnswer<'TXT'>, trace: TraceStep[]): ReadRecord | Evaluation {
    const formatted: string[] = [];
    let txt: ReadTxt | undefined;
    let count = 0;
    for (const { data } of answer.records) {
      const read = readTxtAt(domain, data);
      formatted.push(read.formatted);
      if (!read.spf) continue;
      txt = read;
      count++;
    }
    this.#queries.note(domain, 'TXT', answer, formatted);
    const dns = this.#queries.takeDns() ?? [];
    if (answerKind(answer) === 'failure') {
      trace.push({ step: 'record', rfc: 'RFC 7208 §4.4', inputs: { domain }, outcome: 'temperror', dns });
      return { ...lookupFailed(domain, 'TXT', answer), recordDomain: domain };
    }
    if (!txt?.spf) {
      trace.push({ step: 'record', rfc: 'RFC 7208 §4.5', inputs: { domain }, outcome: 'none', dns });
      return { status: 'none', recordDomain: domain, problem: 'no SPF record' };
    }
    if (count > 1) {
      const problem = `${domain} has more than one SPF record`;
      trace.push({ step: 'record', rfc: 'RFC 7208 §4.5', inputs: { domain }, outcome: 'permerror', detail: problem, dns });
      return { status: 'permerror', recordDomain: domain, problem };
    }
    const inputs = { domain, record: traced(txt.text) };
    if (!txt.spf.ok) {
      const { message } = txt.spf.error;
      trace.push({ step: 'syntax', rfc: 'RFC 7208 §4.6', inputs, outcome: 'permerror', detail: message, dns });
      return { status: 'permerror', recordDomain: domain, problem: `record of ${domain}: ${message}` };
    }
    trace.push({ step: 'record', rfc: 'RFC 7208 §4.5', inputs, outcome: 'found', dns });
    return txt.spf.value;
  }

  /** Goes past the mechanisms from `start` on that need no DNS and do not match; returns where it stops. */
  #passLocal({ read: { mechanisms }, trace }: Place, start: number): number {
    for (let at = start; at < mechanisms.length; at++) {
      const mechanism = mechanisms[at] as ReadMechanism;
      if (!isLocal(mechanism) || mechanism.type === 'all' || this.#client.isInNetwork(mechanism)) return at;
      trace.push({ step: mechanism.step, rfc: mechanism.rfc, outcome: 'no match' });
    }
    return mechanisms.length;
  }

  /** The result where a mechanism matches that needs no DNS, or where none is left (RFC 7208 §4.7). */
  #decide({ domain, read: record, trace }: Place, term: ReadMechanism | undefined): Evaluation {
    if (!term) {
      trace.push({ step: 'default', rfc: 'RFC 7208 §4.7', outcome: 'neutral', detail: 'no mechanism matched' });
      return { status: 'neutral', recordDomain: domain, mechanism: 'default', record };
    }
    const { result, text, step, rfc } = term;
    trace.push({ step, rfc, outcome: result });
    return { status: result, recordDomain: domain, mechanism: text, record };
  }

  /** Takes each mechanism in turn, from the one at `start` (RFC 7208 §4.6.2), then the redirect. */
  async #walk(place: Place, start: number): Promise<Evaluation> {
    const { domain, read, trace } = place;
    for (let at = start; at < read.mechanisms.length; at = this.#passLocal(place, at + 1)) {
      const mechanism = read.mechanisms[at] as ReadMechanism;
      if (isLocal(mechanism)) return this.#decide(place, mechanism);
      const steps: TraceStep[] = [];
      const problem = this.#queries.countLookup() ?? (usesName(mechanism) ? await this.#client.learnName(domain) : undefined);
      const target = problem ?? this.#target(mechanism, domain, steps);
      let found: Found | Promise<Found>;
      if (typeof target !== 'string') found = target;
      else if (mechanism.type === 'include') found = this.#evaluateAnswer(target, await this.#queries.send(target, 'TXT'), steps);
      else found = this.#find(mechanism, target);
      const match = judge(found instanceof Promise ? await found : found);
      trace.push(this.#describe(mechanism, match, steps));
      if (match === true) return { status: mechanism.result, recordDomain: domain, mechanism: mechanism.text, record: read };
      if (match !== false) return { status: match.status, recordDomain: domain, problem: match.problem };
    }
    return read.redirect ? await this.#redirect(place, read.redirect) : this.#decide(place, undefined);
  }

  /** What came of a mechanism, with the questions since the one before and the steps inside. */
  #describe({ result, step, rfc }: ReadMechanism, match: boolean | SpfProblem, steps: readonly TraceStep[]): TraceStep {
    const outcome = match === false ? 'no match' : match === true ? result : match.status;
    const described: { -readonly [K in keyof TraceStep]: TraceStep[K] } = { step, rfc, outcome };
    if (typeof match !== 'boolean') described.detail = match.problem;
    const dns = this.#queries.takeDns();
    if (dns) described.dns = dns;
    if (steps.length > 0) described.steps = steps;
    return described;
  }

  /** The target-name of a mechanism (RFC 7208 §4.8), or what comes of the mechanism where it has none. */
  #target(mechanism: ReadMechanism, domain: string, steps: TraceStep[]): string | Found {
    if (!mechanism.domain) return domain;
    if (mechanism.name !== undefined) return mechanism.name;
    if (this.#client.needsAsciiLocalpart(mechanism.domain)) {
      steps.push({ step: 'localpart', rfc: 'RFC 8616 §4', outcome: 'no match', detail: 'not ASCII: no name is made of it' });
      return false;
    }
    const target = this.#client.expandDomain(mechanism.domain, domain);
    if (mechanism.type === 'include') return isCheckable(target) ? target : notCheckable(target, steps);
    if (countLabels(target) > 0) return target;
    steps.push({ step: 'name', rfc: 'RFC 7208 §4.8', inputs: { target }, outcome: 'no match', detail: 'not a name that can be asked for' });
    return false;
  }

  #find(mechanism: ReadMechanism, target: string): Promise<Found> {
    switch (mechanism.type) {
      case 'exists':
        return this.#client.exists(target);
      case 'a':
        return this.#client.hasAddress(target, mechanism);
      case 'mx':
        return this.#client.hasExchangeAddress(target, mechanism);
      default:
        return this.#client.hasNameWithin(target);
    }
  }

  /** RFC 7208 §6.1. */
  async #redirect({ domain, trace }: Place, spec: MacroString): Promise<Evaluation> {
    const step = { step: `modifier redirect=${spec.text}`, rfc: 'RFC 7208 §6.1' };
    const problem = this.#queries.countLookup() ?? (usesMacro(spec, 'p') ? await this.#client.learnName(domain) : undefined);
    if (problem) {
      trace.push({ ...step, outcome: problem.status, detail: problem.problem });
      return { ...problem, recordDomain: domain };
    }
    const target = this.#client.expandDomain(spec, domain);
    trace.push({ ...step, inputs: { target }, outcome: 'followed' });
    const evaluation = await this.evaluate(target, trace);
    if (evaluation.status !== 'none') return evaluation;
    return { status: 'permerror', recordDomain: domain, problem: `redirect to ${target}, which has no SPF record` };
  }

  /** The explanation of a `fail` (RFC 7208 §6.2); undefined where there is none, or a faulty one. */
  async explain(evaluation: Evaluation, trace: TraceStep[]): Promise<string | undefined> {
    const spec = evaluation.record?.explanation;
    if (evaluation.status !== 'fail' || !spec) return undefined;
    const explanation = await this.#fetchExplanation(spec, evaluation.recordDomain);
    const dns = this.#queries.takeDns();
    trace.push({
      step: `modifier exp=${spec.text}`,
      rfc: 'RFC 7208 §6.2',
      outcome: explanation === undefined ? 'ignored' : 'explained',
      ...(explanation !== undefined && { detail: explanation }),
      ...(dns && { dns }),
    });
    return explanation;
  }

  /** Void lookups do not count here: the evaluation is over. */
  async #fetchExplanation(spec: MacroString, domain: string): Promise<string | undefined> {
    if (usesMacro(spec, 'p')) await this.#client.learnName(domain);
    const name = this.#client.expandDomain(spec, domain);
    if (countLabels(name) === 0) return undefined;
    const answer = await this.#queries.ask(name, 'TXT');
    const [record, second] = answer.records;
    if (answerKind(answer) !== 'records' || !record || second) return undefined;
    const parsed = parseMacroString(joinTxt(record.data), { explanation: true });
    if (!parsed.ok) return undefined;
    if (usesMacro(parsed.value, 'p')) await this.#client.learnName(domain);
    const explanation = this.#client.expandExplanation(parsed.value, domain);
    return /^[\x20-\x7e]*$/.test(explanation) ? explanation : undefined;
  }
}
