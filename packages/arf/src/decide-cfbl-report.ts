import { formatAddressDomain, listMailboxes, mailboxAddress, parseAddress, parseAddressList } from '@mox/address';
import { findField, findFields, type HeaderField, parseMessageId } from '@mox/message-format';
import type { Trace, TraceStep } from '@mox/runtime';
import { present } from '@mox/syntax';
import { type CfblIdentifiers, type CfblTarget, findCfblField, findCfblTarget } from './cfbl.ts';

/** A DKIM signature of a message, as its verification found it: a result of `@mox/dkim` is one. */
export interface CfblSignature {
  /** `pass` where it is right. */
  readonly status: string;
  readonly signature?: {
    /** The signing domain, as A-labels in lower case. */
    readonly domain: string;
    /** Names of the tag `h=`, as often as they stand there. */
    readonly headers: readonly string[];
  };
}

/** What is known about a message when somebody does not want it. */
export interface CfblSituation {
  readonly headers: readonly HeaderField[];
  readonly dkim: readonly CfblSignature[];
  /** Who found it unwanted: the user, by a button or by moving it to the junk, or a program. */
  readonly foundBy: 'user' | 'program';
  /** Whether a report of the format XARF can be made. Default: false, ARF is sent then (RFC 9477 §3.5). */
  readonly xarf?: boolean;
  /** Whether a domain, as A-labels, is one below which anybody can register: it speaks for no domain below. Default: single labels. */
  readonly isPublicSuffix?: (domain: string) => boolean;
}

/** Whether a complaint is sent to the sender of a message. */
export interface CfblDecision extends CfblIdentifiers {
  readonly status: 'send' | 'none';
  /** Where to, with `send`. */
  readonly target?: CfblTarget;
  /** How the address and the author belong together (RFC 9477 §3.1), with `send`. */
  readonly alignment?: 'strict' | 'relaxed' | 'third-party';
  /** Why not, with `none`. */
  readonly problem?: string;
  readonly trace: Trace;
}

interface Domains {
  readonly author: string;
  readonly cfbl: string;
}

/** The one domain of the authors. */
function authorDomain(headers: readonly HeaderField[]): string | undefined {
  const fields = findFields(headers, 'from');
  const mailboxes = fields.length === 1 ? listMailboxes(parseAddressList(fields[0]?.value ?? '', { entries: 100 })) : [];
  const domains = new Set(
    mailboxes.map((mailbox) => mailboxAddress(mailbox)?.domain).map((domain) => domain && formatAddressDomain(domain)),
  );
  const [domain] = domains;
  return domains.size === 1 ? domain : undefined;
}

function cfblDomain({ address }: CfblTarget): string | undefined {
  const parsed = parseAddress(address, { smtputf8: true, lenient: true });
  return parsed.ok ? formatAddressDomain(parsed.value.domain) : undefined;
}

/**
 * Whether a signature covers the field that is acted on, not only one of its name: of several fields of a name DKIM signs the last ones, one
 * for each time that `h=` names it (RFC 6376 §5.4.2). A field put on top of a signed message is not covered.
 */
function covers({ signature }: CfblSignature, headers: readonly HeaderField[], field: HeaderField): boolean {
  const named = signature?.headers.filter((name) => name.toLowerCase() === field.nameLower).length ?? 0;
  const fromBelow = headers
    .filter(({ nameLower }) => nameLower === field.nameLower)
    .toReversed()
    .indexOf(field);
  return fromBelow < named;
}

/** Whether a domain is the same as another, or a parent that may speak for it. */
function speaksFor(signing: string, domain: string, { isPublicSuffix }: CfblSituation): boolean {
  if (signing === domain) return true;
  const isPublic = isPublicSuffix?.(signing) ?? !signing.includes('.');
  return !isPublic && domain.endsWith(`.${signing}`);
}

interface Judged {
  readonly alignment?: CfblDecision['alignment'];
  readonly problem?: string;
}

/** RFC 9477 §3.1: which signatures there must be, by whom the address is. `covering` are those that cover the fields. */
function judgeSignatures(situation: CfblSituation, domains: Domains, covering: ReadonlySet<CfblSignature>): Judged {
  const { author, cfbl } = domains;
  const passed = situation.dkim.filter(({ status, signature }) => status === 'pass' && signature);
  const by = (domain: string, from: readonly CfblSignature[]): boolean =>
    from.some(({ signature }) => signature && speaksFor(signature.domain, domain, situation));
  const covered = passed.filter((one) => covering.has(one));
  if (cfbl === author || cfbl.endsWith(`.${author}`)) {
    if (!by(author, covered)) return { problem: `no signature for ${author} is right and covers the fields` };
    return { alignment: cfbl === author && covered.some(({ signature }) => signature?.domain === author) ? 'strict' : 'relaxed' };
  }
  if (!by(cfbl, covered)) return { problem: `no signature for ${cfbl} is right and covers the fields` };
  // The author's signature may be older than the fields (RFC 9477 §3.1.3): then it must name none of them.
  return by(author, passed) ? { alignment: 'third-party' } : { problem: `no signature for ${author} is right` };
}

/**
 * Decides whether a complaint about a message goes to the address that it names (RFC 9477 §3.1, §4.2): only what a user does tells that it
 * was unwanted, and only right DKIM signatures that cover the fields tell that author and addressee want to hear of it. How much such a
 * sender is to be trusted with the knowledge that the mailbox exists is for the caller (RFC 9477 §6.5).
 */
export function decideCfblReport(situation: CfblSituation): CfblDecision {
  const { headers, dkim, foundBy, xarf = false } = situation;
  const found = findCfblField(headers);
  const target = findCfblTarget(headers);
  const steps: TraceStep[] = [];
  const none = (step: TraceStep): CfblDecision => decision('none', { problem: step.detail ?? step.outcome }, [...steps, step]);
  const decision = (
    status: CfblDecision['status'],
    facts: Omit<CfblDecision, 'status' | 'trace'>,
    inner: readonly TraceStep[],
  ): CfblDecision => ({
    status,
    ...facts,
    trace: [
      { step: 'complaint feedback loop', rfc: 'RFC 9477 §3', inputs: { to: target?.address ?? 'none' }, outcome: status, steps: inner },
    ],
  });
  if (!found || !target)
    return none({ step: 'CFBL-Address', rfc: 'RFC 9477 §5.1', outcome: 'none', detail: 'the message names no address' });
  if (foundBy === 'program')
    return none({ step: 'who found it unwanted', rfc: 'RFC 9477 §4.2', outcome: 'none', detail: 'no user did anything about the message' });
  const [author, cfbl] = [authorDomain(headers), cfblDomain(target)];
  if (author === undefined || cfbl === undefined)
    return none({ step: 'domains', rfc: 'RFC 9477 §3.1', outcome: 'none', detail: 'the message has not one author' });
  steps.push({
    step: 'domains',
    rfc: 'RFC 9477 §3.1',
    inputs: { author, address: cfbl },
    outcome: cfbl === author ? 'the same' : 'differ',
  });
  const fields = [found.field, findField(headers, 'cfbl-feedback-id')].filter((field) => field !== undefined);
  const covering = new Set(dkim.filter((one) => fields.every((field) => covers(one, headers, field))));
  for (const one of dkim) {
    const inputs = { d: one.signature?.domain ?? 'unknown' };
    steps.push({
      step: 'signature',
      rfc: 'RFC 9477 §3.1.4',
      inputs,
      outcome: one.status,
      detail: covering.has(one) ? 'covers the fields' : 'does not cover the fields',
    });
  }
  const { alignment, problem } = judgeSignatures(situation, { author, cfbl }, covering);
  if (!alignment) return none({ step: 'alignment', rfc: 'RFC 9477 §3.1.4', outcome: 'none', detail: problem ?? 'not aligned' });
  const format = target.format === 'xarf' && xarf ? 'xarf' : 'arf';
  const messageId = parseMessageId(findField(headers, 'message-id')?.value ?? '');
  const facts = { target: { ...target, format } as const, alignment, ...present({ messageId, feedbackId: target.feedbackId }) };
  return decision('send', facts, [...steps, { step: 'alignment', rfc: 'RFC 9477 §3.1', outcome: alignment }]);
}

/**
 * Whether a report that came in may be acted on (RFC 9477 §3.5): a DKIM signature for the domain of its own From must be right.
 *
 * @param headers of the message with the report, whose signatures `dkim` are
 */
export function isSignedByReporter(headers: readonly HeaderField[], dkim: readonly CfblSignature[]): boolean {
  const author = authorDomain(headers);
  return author !== undefined && dkim.some(({ status, signature }) => status === 'pass' && signature?.domain === author);
}
