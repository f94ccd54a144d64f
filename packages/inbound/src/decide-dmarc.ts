// What becomes of a message that its author's domain does not stand behind: pure functions from evidence to verdict.
import { isAtOrBelow } from '@mox/dns';
import { smtpReply } from '@mox/smtp';
import type { AuthenticationEvidence, MessageEvidence } from './evidence.ts';
import type { Verdict } from './verdict.ts';

/**
 * What failing DMARC may lead to. `reject`: the message is refused where the policy asks for that and nothing shows that somebody passed it
 * on; `quarantine`: it goes to Junk at most; `none`: the result is told, and nothing more.
 */
export type DmarcEnforcement = 'reject' | 'quarantine' | 'none';

type Authenticated = Extract<AuthenticationEvidence, { status: 'done' }>['result'];

/**
 * What shows that a list or a forwarder had the message before: those change mail and send it from hosts of their own, and a failure of DMARC
 * says nothing then of who wrote it (RFC 7960 §2).
 */
function findIndirectFlow({ arc, dkim, dmarc }: Authenticated, { header }: MessageEvidence): string | undefined {
  const [field] = header.passedOn;
  if (field !== undefined) return `it has a field ${field}`;
  if (arc.sets.length > 0 || arc.status === 'fail') return 'it has ARC sets';
  const authors = [dmarc.authorDomain, ...(dmarc.otherAuthorDomains ?? [])].filter((domain) => domain !== undefined);
  const broken = dkim.find(({ signature }) => signature && authors.some((author) => isOnOneLine(author, signature.domain)));
  return broken ? 'it has a signature of the domain in From that does not hold' : undefined;
}

/** Whether one of two domains, both as A-labels in lower case, is the other or above it. */
function isOnOneLine(one: string, other: string): boolean {
  return isAtOrBelow(one, other) || isAtOrBelow(other, one);
}

/**
 * Judges a message by DMARC; undefined where DMARC has nothing against it. A preference of `reject` alone is never enough to refuse a message
 * (RFC 9989 §7.4): only one that came straight from whoever wrote it is refused.
 */
export function decideDmarc(message: MessageEvidence, enforcement: DmarcEnforcement): Verdict | undefined {
  const { authentication } = message;
  if (authentication?.status !== 'done' || enforcement === 'none') return undefined;
  const { result, arcOverride } = authentication;
  const { status, disposition, authorDomain = 'the domain in From' } = result.dmarc;
  if (status !== 'fail' || disposition === 'none') return undefined;
  if (arcOverride) {
    return {
      action: 'accept',
      reason: `${arcOverride.sealer}, which is trusted, found that it passed DMARC before it passed it on (RFC 8617)`,
    };
  }
  const failure = `it fails DMARC, and ${authorDomain} asks for ${disposition} (RFC 9989)`;
  if (disposition === 'quarantine') return { action: 'accept', place: 'junk', reason: failure };
  if (enforcement === 'quarantine') return { action: 'accept', place: 'junk', reason: `${failure}; this server refuses nothing for that` };
  const indirect = findIndirectFlow(result, message);
  if (indirect) return { action: 'accept', place: 'junk', reason: `${failure}; ${indirect}, so it may have been passed on (RFC 7960)` };
  const text = `The message fails DMARC, and ${authorDomain} asks for its rejection`;
  return { action: 'refuse', reply: smtpReply(550, '5.7.26', text), reason: `${failure}; nothing shows that it was passed on` };
}
