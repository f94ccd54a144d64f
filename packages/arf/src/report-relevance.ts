import { listMailboxes, mailboxAddress, parseAddressList } from '@mox/address';
import { findFields } from '@mox/message-format';
import { type Cidr, cidrContains, parseIp } from '@mox/syntax';
import type { ReceivedFeedback } from './arf.ts';

/** What an organization is responsible for. */
export interface OwnResources {
  /** Domains, as A-labels in lower case; those below them too. */
  readonly domains?: readonly string[];
  readonly networks?: readonly Cidr[];
}

/** Something of ours that a report names. */
export interface OwnReference {
  /** The field that names it, e.g. `source-ip`, `from`. */
  readonly field: string;
  readonly value: string;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** Domains that a report names, by field. */
function* namedDomains({ report, originalHeaders }: ReceivedFeedback): Generator<OwnReference> {
  for (const value of report.reportedDomains) yield { field: 'reported-domain', value };
  if (report.originalMailFrom) yield { field: 'original-mail-from', value: domainOf(report.originalMailFrom) };
  for (const field of ['from', 'sender', 'reply-to', 'return-path']) {
    for (const { value } of findFields(originalHeaders, field)) {
      for (const mailbox of listMailboxes(parseAddressList(value, { entries: 10 }))) {
        const domain = mailboxAddress(mailbox)?.domain;
        if (domain && 'ascii' in domain) yield { field, value: domain.ascii };
      }
    }
  }
}

/**
 * What of ours a report names (RFC 6650 §5.5): a report that names nothing is hardly about us. Anybody can write anything into a report, as
 * into any other mail (RFC 6650 §7.2).
 */
export function findOwnReferences(received: ReceivedFeedback, ours: OwnResources): readonly OwnReference[] {
  const { domains = [], networks = [] } = ours;
  const { sourceIp } = received.report;
  const ip = sourceIp === undefined ? undefined : parseIp(sourceIp);
  const known = new Set(domains);
  const isOurs = (domain: string): boolean => {
    const labels = domain.split('.').slice(-128);
    return labels.some((_, i) => known.has(labels.slice(i).join('.')));
  };
  const addresses = ip && networks.some((network) => cidrContains(network, ip)) ? [{ field: 'source-ip', value: sourceIp ?? '' }] : [];
  return [...addresses, ...[...namedDomains(received)].filter(({ value }) => isOurs(value))];
}
