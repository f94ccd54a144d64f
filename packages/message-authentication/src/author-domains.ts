import { listMailboxes, parseRawAddressList } from '@mox/address';
import { fieldValue, type HeaderFields } from '@mox/dkim';

/**
 * Domains of the addresses in the From fields, in order, each once (RFC 9989 §5.3.1). An address without a domain, and a field that
 * cannot be read, add none. More than one From field is against RFC 5322 §3.6; all of them count, for a reader may show any.
 */
export function readAuthorDomains(fields: HeaderFields): readonly string[] {
  const domains = new Set<string>();
  for (const field of fields.named('from')) {
    const list = parseRawAddressList(fieldValue(field));
    for (const { domain } of listMailboxes(list)) if (domain !== null) domains.add(domain);
  }
  return [...domains];
}
