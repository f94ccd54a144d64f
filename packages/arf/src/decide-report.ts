import { findField, type HeaderField } from '@mox/message-format';
import type { Trace, TraceStep } from '@mox/runtime';
import type { FeedbackReport, FeedbackType } from './feedback-report.ts';

/** Which report is to be sent, why, and to whom. */
export interface ReportSituation {
  /**
   * `solicited`: an agreement with who gets it (RFC 6650 §4). `unsolicited`: an abuse report without one (RFC 6650 §5).
   * `authentication-failure`: made by a program, of a message whose authentication failed (RFC 6650 §6).
   */
  readonly kind: 'solicited' | 'unsolicited' | 'authentication-failure';
  /** What it rests on: a person's complaint, mail to an address that gets no honest mail, a filter, or that the sender is known for abuse. */
  readonly basis: 'complaint' | 'spam-trap' | 'content-filter' | 'sender' | 'authentication';
  readonly destination: ReportDestination;
  /** Header section of the message reported. */
  readonly headers?: readonly HeaderField[];
  /** Of the message reported: SPF for the domain of MAIL FROM, and its DKIM signatures. */
  readonly spf?: { readonly status: string; readonly domain: string };
  readonly dkim?: readonly { readonly status: string; readonly domain: string }[];
  /** Whether the report will pass SPF or DKIM. Default: true. */
  readonly authenticated?: boolean;
  /** Whether somebody reads what is answered to it. Default: true. */
  readonly answerable?: boolean;
}

/** Who gets a report. */
export interface ReportDestination {
  readonly address: string;
  /**
   * Where the address comes from: asked for by its owner (by agreement, a CFBL-Address, `ruf=` of DMARC); named as an abuse contact by WHOIS or
   * a web site; the role `abuse@` of a domain; or guessed.
   */
  readonly source: 'requested' | 'whois' | 'website' | 'abuse-role' | 'guessed';
  /** Its owner wants no further reports. */
  readonly refused?: boolean;
  /** It belongs to who sent the abuse; `responsive` where reports are known to lead to something. */
  readonly abuser?: 'responsive' | 'unresponsive';
  /** It has little to do with the message: a network on the way, say. */
  readonly uninvolved?: boolean;
}

/** Whether a report may be sent. */
export interface ReportDecision {
  /** `forbidden`: it must not. `discouraged`: it should not, unless there are good reasons. */
  readonly status: 'allowed' | 'discouraged' | 'forbidden';
  readonly reasons: readonly string[];
  /** Sent with the null reverse-path, so that nothing comes back and no report answers a report (RFC 6650 §6). */
  readonly nullSender: boolean;
  readonly feedbackType: FeedbackType;
  readonly trace: Trace;
}

interface Rule {
  readonly step: string;
  readonly rfc: string;
  readonly kinds: readonly ReportSituation['kind'][];
  readonly leadsTo: 'discouraged' | 'forbidden';
  /** Why it applies; undefined where it does not. */
  readonly applies: (situation: ReportSituation) => string | undefined;
}

function isFeedbackReport(headers: readonly HeaderField[] = []): boolean {
  const type = findField(headers, 'content-type')?.value ?? '';
  return /^\s*multipart\/report\b/i.test(type) && /report-type\s*=\s*"?feedback-report\b/i.test(type);
}

/** SPF results after which nobody can say that the domain had to do with the message. */
const unauthorized: ReadonlySet<string> = new Set(['fail', 'softfail', 'temperror', 'permerror']);

function misusedDomain({ spf, dkim = [], destination }: ReportSituation): string | undefined {
  const domain = spf?.domain.toLowerCase() ?? '';
  if (!spf || !unauthorized.has(spf.status) || !destination.address.toLowerCase().endsWith(`@${domain}`)) return undefined;
  if (dkim.some((signature) => signature.status === 'pass' && signature.domain.toLowerCase() === domain)) return undefined;
  return `SPF says ${spf.status}: ${domain} may have been misused`;
}

const everything = ['solicited', 'unsolicited', 'authentication-failure'] as const;

const rules: readonly Rule[] = [
  {
    step: 'requests to stop',
    rfc: 'RFC 6650 §5.1',
    kinds: everything,
    leadsTo: 'forbidden',
    applies: ({ destination }) => (destination.refused ? 'its owner wants no further reports' : undefined),
  },
  {
    step: 'recipients of automatic reports',
    rfc: 'RFC 6650 §6',
    kinds: ['authentication-failure'],
    leadsTo: 'forbidden',
    applies: ({ destination }) => (destination.source === 'requested' ? undefined : 'its owner did not ask for reports'),
  },
  {
    step: 'reports about reports',
    rfc: 'RFC 6650 §6',
    kinds: ['authentication-failure'],
    leadsTo: 'forbidden',
    applies: ({ headers }) => (isFeedbackReport(headers) ? 'the message is a feedback report itself' : undefined),
  },
  {
    step: 'recipients of solicited reports',
    rfc: 'RFC 6650 §4.2',
    kinds: ['solicited'],
    leadsTo: 'discouraged',
    applies: ({ destination }) => (destination.source === 'requested' ? undefined : 'its owner did not ask for reports'),
  },
  {
    step: 'what filters think',
    rfc: 'RFC 6650 §5.2',
    kinds: ['unsolicited'],
    leadsTo: 'discouraged',
    applies: ({ basis }) => (basis === 'content-filter' ? 'what a filter thinks is nothing to act on' : undefined),
  },
  {
    step: 'all mail of a sender',
    rfc: 'RFC 6650 §5.2',
    kinds: ['unsolicited'],
    leadsTo: 'discouraged',
    applies: ({ basis }) => (basis === 'sender' ? 'that other mail of the sender is abuse does not make this so' : undefined),
  },
  { step: 'misused domains', rfc: 'RFC 6650 §5.2', kinds: ['unsolicited'], leadsTo: 'discouraged', applies: misusedDomain },
  {
    step: 'addresses that are for abuse reports',
    rfc: 'RFC 6650 §5.3',
    kinds: ['unsolicited'],
    leadsTo: 'discouraged',
    applies: ({ destination }) => (destination.source === 'guessed' ? 'the address is not known to be for abuse reports' : undefined),
  },
  {
    step: 'who is involved',
    rfc: 'RFC 6650 §5.3',
    kinds: ['unsolicited'],
    leadsTo: 'discouraged',
    applies: ({ destination }) => (destination.uninvolved ? 'its owner is not responsible for the message' : undefined),
  },
  {
    step: 'the abuser',
    rfc: 'RFC 6650 §5.3',
    kinds: ['unsolicited'],
    leadsTo: 'discouraged',
    applies: ({ destination }) => (destination.abuser === 'unresponsive' ? 'the report would go to who sent the abuse' : undefined),
  },
  {
    step: 'authentication of the report',
    rfc: 'RFC 6650 §5.1',
    kinds: ['unsolicited'],
    leadsTo: 'discouraged',
    applies: ({ authenticated = true }) => (authenticated ? undefined : 'the report will pass neither SPF nor DKIM'),
  },
  {
    step: 'answers',
    rfc: 'RFC 6650 §5.5',
    kinds: ['unsolicited'],
    leadsTo: 'discouraged',
    applies: ({ answerable = true }) => (answerable ? undefined : 'nobody would read an answer'),
  },
];

/** Decides whether a report may be sent to an address (RFC 6650 §4, §5, §6). How often, `IncidentThrottle` tells. */
export function decideFeedbackReport(situation: ReportSituation): ReportDecision {
  const { kind, destination } = situation;
  const judged = rules.filter(({ kinds }) => kinds.includes(kind)).map((rule) => ({ rule, reason: rule.applies(situation) }));
  const applied = judged.filter(({ reason }) => reason !== undefined);
  const forbidden = applied.filter(({ rule }) => rule.leadsTo === 'forbidden');
  const status = forbidden.length > 0 ? 'forbidden' : applied.length > 0 ? 'discouraged' : 'allowed';
  const steps = judged.map(
    ({ rule: { step, rfc, leadsTo }, reason }): TraceStep =>
      reason === undefined ? { step, rfc, outcome: 'does not apply' } : { step, rfc, outcome: leadsTo, detail: reason },
  );
  return {
    status,
    reasons: (forbidden.length > 0 ? forbidden : applied).map(({ reason }) => reason ?? ''),
    nullSender: kind === 'authentication-failure',
    feedbackType: kind === 'authentication-failure' ? 'auth-failure' : 'abuse',
    trace: [
      {
        step: 'feedback report',
        rfc: 'RFC 6650 §3',
        inputs: { kind, basis: situation.basis, to: destination.address },
        outcome: status,
        steps,
      },
    ],
  };
}

/** Fields that a report should have wherever their values are known (RFC 6650 §4.3, §5.4, §6), and has not. */
export function missingReportFields(report: FeedbackReport): readonly string[] {
  const { originalMailFrom, arrivalAt, sourceIp, originalRcptTo } = report;
  return [
    ...(originalMailFrom === undefined ? ['Original-Mail-From'] : []),
    ...(arrivalAt === undefined ? ['Arrival-Date'] : []),
    ...(sourceIp === undefined ? ['Source-IP'] : []),
    ...(originalRcptTo.length === 0 ? ['Original-Rcpt-To'] : []),
  ];
}
