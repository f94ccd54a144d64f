import { type Address, equalAddresses, formatAddress } from '@mox/address';
import { findField, type HeaderField } from '@mox/message-format';
import type { Trace, TraceStep } from '@mox/runtime';
import type { Disposition } from './disposition.ts';
import { goesToSender, type MdnRequest, readMdnRequest, readReturnPath } from './mdn-request.ts';

/** What is known about a message, its recipient and his wishes when a notification might be due. */
export interface MdnSituation {
  /** Header section of the message as it was delivered, Return-Path and all. */
  readonly headers: readonly HeaderField[];
  /** The user's standing order. Default: `ask`. */
  readonly preference?: 'never' | 'ask' | 'always';
  /** What the user said to this request, where he was asked. */
  readonly consent?: 'given' | 'refused';
  /** Whether the user can be asked. Default: true. */
  readonly interactive?: boolean;
  /** A notification was sent before, by this user agent or another: the keyword `$MDNSent` (RFC 3503). Default: false. */
  readonly sent?: boolean;
  /** The reverse-path, null for `<>`, where the caller knows it better than the Return-Path field does. */
  readonly returnPath?: Address | null;
  /** Whether the message is from whom it says, as DMARC judges. Where it is not, nobody is notified. Default: not known. */
  readonly authentic?: boolean;
  /** Attributes of Disposition-Notification-Options that the caller heeds, in lower case. */
  readonly heededOptions?: readonly string[];
  /** Whether two addresses are one; for known aliases of domains. Default: `equalAddresses`. */
  readonly equal?: (a: Address, b: Address) => boolean;
}

/** Whether to send a notification. */
export interface MdnDecision {
  /** `ask`: only with the consent of the user, for this message; decide again with it. */
  readonly status: 'send' | 'ask' | 'none';
  /** Where it goes, in the header and in the envelope; empty with `none`. */
  readonly to: readonly Address[];
  /** For the notification, with `send`. */
  readonly sendingMode?: Disposition['sendingMode'];
  /** Why, by the rules that decided. */
  readonly reasons: readonly string[];
  readonly trace: Trace;
}

interface Facts extends MdnSituation {
  readonly request: MdnRequest;
  readonly path: Address | null | undefined;
}

/** A rule speaks for silence, or for asking, or says nothing. */
interface Rule {
  readonly step: string;
  readonly rfc: string;
  readonly speaksFor: 'none' | 'ask';
  /** Why it applies; undefined where it does not. */
  readonly applies: (facts: Facts) => string | undefined;
}

const mediaType = (headers: readonly HeaderField[]): string =>
  findField(headers, 'content-type')?.value.split(';', 1)[0]?.trim().toLowerCase() ?? '';

function missingOption({ request, heededOptions = [] }: Facts): string | undefined {
  if (!request.options) return 'the options cannot be read';
  const missing = request.options.find(({ attribute, importance }) => importance === 'required' && !heededOptions.includes(attribute));
  return missing && `the option ${missing.attribute} is required`;
}

const rules: readonly Rule[] = [
  {
    step: 'a notification is not answered',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'none',
    applies: ({ headers }) => (mediaType(headers) === 'multipart/report' ? 'the message is a report itself' : undefined),
  },
  {
    step: 'one notification a recipient',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'none',
    applies: ({ sent }) => (sent ? 'one was sent before' : undefined),
  },
  {
    step: 'the addresses asked for',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'none',
    applies: ({ request }) => (request.to.length === 0 ? 'no address can be read' : undefined),
  },
  { step: 'options that are required', rfc: 'RFC 8098 §2.2', speaksFor: 'none', applies: missingOption },
  {
    step: 'newsgroups',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'none',
    applies: ({ headers }) => (findField(headers, 'newsgroups') ? 'the message was posted to newsgroups' : undefined),
  },
  {
    step: 'fragments',
    rfc: 'RFC 8098 §2.4',
    speaksFor: 'none',
    applies: ({ headers }) => (mediaType(headers) === 'message/partial' ? 'the message is a fragment of another' : undefined),
  },
  {
    step: 'authenticity',
    rfc: 'RFC 8098 §6.1',
    speaksFor: 'none',
    applies: ({ authentic }) => (authentic === false ? 'the message is not from whom it says' : undefined),
  },
  {
    step: 'the null reverse-path',
    rfc: 'RFC 5321 §4.5.5',
    speaksFor: 'none',
    applies: ({ path }) => (path === null ? 'the message is one that wants no answer' : undefined),
  },
  {
    step: 'the wish of the user',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'none',
    applies: ({ preference, consent }) =>
      preference === 'never' ? 'the user wants none sent' : consent === 'refused' ? 'the user refused this one' : undefined,
  },
  {
    step: 'the Return-Path',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'ask',
    applies({ request, path, equal }) {
      if (path === undefined) return 'the message has no Return-Path';
      return goesToSender(request, path, equal) ? undefined : 'the notification would go elsewhere than to the reverse-path';
    },
  },
  {
    step: 'several addresses',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'ask',
    applies: ({ request }) => (request.to.length > 1 ? `${request.to.length} addresses are to be notified` : undefined),
  },
  {
    step: 'a request that is not as it should be',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'ask',
    applies: ({ request }) => request.defects.map(({ field, problem }) => `${field} ${problem}`).join(', ') || undefined,
  },
  {
    step: 'lists',
    rfc: 'RFC 8098 §6.2',
    speaksFor: 'ask',
    applies: ({ headers }) => (findField(headers, 'list-id') ? 'the notification would tell that the user reads this list' : undefined),
  },
  {
    step: 'the standing order of the user',
    rfc: 'RFC 8098 §2.1',
    speaksFor: 'ask',
    applies: ({ preference = 'ask' }) => (preference === 'ask' ? 'the user wants to be asked' : undefined),
  },
];

/** What the rules that apply lead to, and the user's consent. */
function conclude(applied: readonly Rule[], { consent, interactive = true }: MdnSituation): MdnDecision['status'] {
  if (applied.some(({ speaksFor }) => speaksFor === 'none')) return 'none';
  if (applied.length === 0 || consent === 'given') return 'send';
  return interactive ? 'ask' : 'none';
}

/**
 * Decides whether a notification about a message is sent (RFC 8098 §2.1): never, with the consent of the user, or without asking. Where it
 * says `ask`, ask the user, and decide again with his `consent`. Remember that one was sent, for all user agents of the mailbox (RFC 3503).
 */
export function decideMdn(situation: MdnSituation): MdnDecision {
  const { headers } = situation;
  const request = readMdnRequest(headers);
  if (!request) {
    const trace = [
      { step: 'Disposition-Notification-To', rfc: 'RFC 8098 §2.1', outcome: 'none', detail: 'nobody asks for a notification' },
    ];
    return { status: 'none', to: [], reasons: ['nobody asks for a notification'], trace };
  }
  const path = situation.returnPath === undefined ? readReturnPath(headers) : situation.returnPath;
  const facts: Facts = { equal: equalAddresses, ...situation, request, path };
  const judged = rules.map((rule) => ({ rule, reason: rule.applies(facts) }));
  const applied = judged.filter(({ reason }) => reason !== undefined);
  const status = conclude(
    applied.map(({ rule }) => rule),
    situation,
  );
  const deciding = status === 'send' ? [] : applied.filter(({ rule }) => rule.speaksFor === 'none');
  const reasons = (deciding.length > 0 ? deciding : applied).map(({ reason }) => reason ?? '');
  const steps = judged.map(({ rule, reason }): TraceStep => {
    const { step, rfc, speaksFor } = rule;
    return reason === undefined ? { step, rfc, outcome: 'does not apply' } : { step, rfc, outcome: speaksFor, detail: reason };
  });
  const inputs = {
    to: request.to.map((address) => formatAddress(address, { smtputf8: true })),
    returnPath: path ? formatAddress(path, { smtputf8: true }) : path === null ? '<>' : 'unknown',
    ...(situation.consent && { consent: situation.consent }),
  };
  const sendingMode = situation.consent === 'given' ? 'MDN-sent-manually' : 'MDN-sent-automatically';
  return {
    status,
    to: status === 'none' ? [] : request.to,
    ...(status === 'send' && { sendingMode }),
    reasons,
    trace: [{ step: 'disposition notification', rfc: 'RFC 8098 §2.1', inputs, outcome: status, steps }],
  };
}
