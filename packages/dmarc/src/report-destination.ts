import { type DnsAnswer, describeFailure, isFailedAnswer, joinTxt, traceDns } from '@mox/dns';
import type { Trace, TraceStep } from '@mox/runtime';
import { asciiDomain, makeDiscovery } from './discover-policy.ts';
import type { Discovery } from './organizational-domain.ts';
import { type DmarcDeps, DmarcQueries } from './queries.ts';
import { type DmarcRecord, isDmarcRecord, parseDmarcRecord } from './record.ts';
import { mailboxOfReportUri, type ReportMailbox, type ReportUri } from './report-uri.ts';

/** What became of a URI that a record wants reports sent to. */
export interface ReportDestination {
  readonly uri: ReportUri;
  /**
   * `internal`: of the same organization; `authorized`: elsewhere, and the receiver wants it; `refused`: it has not said so;
   * `unsupported`: not a `mailto:` URI with one address; `temperror`: nobody knows, to be tried again.
   */
  readonly status: 'internal' | 'authorized' | 'refused' | 'unsupported' | 'temperror';
  /** Where reports are to go: the mailbox of the URI, or those that the receiver put in its place. */
  readonly sendTo: readonly ReportMailbox[];
  readonly problem?: string;
}

/** What became of all of them. */
export interface DestinationCheck {
  readonly destinations: readonly ReportDestination[];
  readonly trace: Trace;
}

/** What is to be checked. */
export interface DestinationInput {
  /** Where the record was found, as A-labels. */
  readonly policyDomain: string;
  readonly tag: 'rua' | 'ruf';
  readonly uris: readonly ReportUri[];
  /** URIs that are looked at: 10. The rest is left out. */
  readonly mostUris?: number;
}

type Verdict = Omit<ReportDestination, 'uri'>;

function refuse(problem: string, status: 'refused' | 'temperror' | 'unsupported' = 'refused'): Verdict {
  return { status, sendTo: [], problem };
}

/** The records that consent, out of an answer (RFC 9990 §4, step 6). */
function consentsIn(answer: DnsAnswer<'TXT'>): readonly DmarcRecord[] {
  return answer.records.flatMap((record) => {
    const text = joinTxt(record.data);
    const parsed = isDmarcRecord(text) ? parseDmarcRecord(text) : undefined;
    return parsed?.ok ? [parsed.value.record] : [];
  });
}

/** RFC 9990 §4, step 9: the receiver may name other mailboxes, of the same host; where it names another host, nobody gets a report. */
function override(mailbox: ReportMailbox, host: string, consents: readonly DmarcRecord[], tag: 'rua' | 'ruf'): Verdict {
  const uris = consents.flatMap((record) => record[tag]);
  if (uris.length === 0) return { status: 'authorized', sendTo: [mailbox] };
  const mailboxes = uris.map((uri) => mailboxOfReportUri(uri.uri));
  const sendTo = mailboxes.filter((one) => one !== undefined);
  if (sendTo.some((one) => asciiDomain(one.host) !== host)) return refuse(`${host} names mailboxes of another host`);
  return sendTo.length === 0 ? refuse(`${host} names no mailbox`, 'unsupported') : { status: 'authorized', sendTo };
}

interface Checker {
  readonly input: DestinationInput;
  readonly queries: DmarcQueries;
  readonly discovery: Discovery;
}

/** Asks the host of a mailbox elsewhere whether it wants reports about the policy domain (RFC 9990 §4, steps 2 to 9). */
async function askHost(checker: Checker, mailbox: ReportMailbox, host: string, steps: TraceStep[]): Promise<Verdict> {
  const { policyDomain, tag } = checker.input;
  const name = `${policyDomain}._report._dmarc.${host}`;
  if (name.length > 253) return refuse('the name that consent would be at is too long');
  const answer = await checker.queries.ask(name, 'TXT');
  const consents = consentsIn(answer);
  const outcome = isFailedAnswer(answer) ? 'temperror' : consents.length > 0 ? 'consent' : 'no consent';
  steps.push({ step: `consent of ${host}`, rfc: 'RFC 9990 §4', outcome, dns: [traceDns(name, 'TXT', answer)] });
  if (isFailedAnswer(answer)) return refuse(`looking up TXT of ${name}: ${describeFailure(answer)}`, 'temperror');
  return consents.length > 0 ? override(mailbox, host, consents, tag) : refuse(`no DMARC record at ${name}`);
}

async function checkUri(checker: Checker, uri: ReportUri, steps: TraceStep[]): Promise<Verdict> {
  const { policyDomain } = checker.input;
  const mailbox = mailboxOfReportUri(uri.uri);
  if (!mailbox) return refuse('not a mailto: URI with one address', 'unsupported');
  const host = asciiDomain(mailbox.host);
  if (host === undefined) return refuse(`the host ${mailbox.host} is not a domain name`, 'unsupported');
  if (host === policyDomain) return { status: 'internal', sendTo: [mailbox] };
  const mine = await checker.discovery.organizationalDomain(policyDomain, steps);
  const theirs = await checker.discovery.organizationalDomain(host, steps);
  if ('problem' in mine) return refuse(mine.problem, 'temperror');
  if ('problem' in theirs) return refuse(theirs.problem, 'temperror');
  return mine.domain === theirs.domain ? { status: 'internal', sendTo: [mailbox] } : askHost(checker, mailbox, host, steps);
}

/**
 * Finds out where reports may go: to addresses of the organization itself, and to those elsewhere whose host says in the DNS that
 * it wants them (RFC 9990 §4; for failure reports RFC 9991 §5; RFC 7489 §7.1).
 */
export async function verifyReportDestinations(input: DestinationInput, deps: DmarcDeps): Promise<DestinationCheck> {
  const queries = new DmarcQueries(deps);
  const checker: Checker = { input, queries, discovery: makeDiscovery(queries, deps) };
  const trace: TraceStep[] = [];
  const destinations: ReportDestination[] = [];
  for (const uri of input.uris.slice(0, input.mostUris ?? 10)) {
    const steps: TraceStep[] = [];
    const verdict = await checkUri(checker, uri, steps);
    destinations.push({ uri, ...verdict });
    trace.push({
      step: `destination ${uri.uri}`,
      rfc: input.tag === 'ruf' ? 'RFC 9991 §5' : 'RFC 9990 §4',
      inputs: { policyDomain: input.policyDomain },
      outcome: verdict.status,
      ...(verdict.problem !== undefined && { detail: verdict.problem }),
      ...(steps.length > 0 && { steps }),
    });
  }
  return { destinations, trace };
}
