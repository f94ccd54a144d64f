// The trace fields that a server puts on top of a message (RFC 5321 §4.4).
import { type Address, formatAddress } from '@mox/address';
import type { SmtpMode } from '@mox/smtp';

/** What a Received field tells. */
export interface ReceivedFacts {
  readonly mode: SmtpMode;
  /** Name that the client gave, and the command; undefined where it gave none. */
  readonly hello?: { readonly verb: 'EHLO' | 'HELO' | 'LHLO'; readonly name: string };
  readonly remoteAddress: string;
  /** This host. */
  readonly hostname: string;
  readonly tls?: { readonly protocol: string; readonly cipher: string };
  readonly authenticated: boolean;
  /** The message came with SMTPUTF8. */
  readonly smtputf8: boolean;
  readonly id: string;
  /** The recipient, where there is but one. */
  readonly recipient?: Address;
  /** Date and time by RFC 5322 §3.3. */
  readonly date: string;
}

/** An IP address as an address literal (RFC 5321 §4.1.3). */
export function formatAddressLiteral(ip: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(ip);
  if (mapped) return `[${mapped[1]}]`;
  return ip.includes(':') ? `[IPv6:${ip.replace(/%.*$/, '')}]` : `[${ip}]`;
}

/** The word of the WITH clause: RFC 3848 §1, with SMTPUTF8 RFC 6531 §4.3. */
export function withProtocol(facts: Pick<ReceivedFacts, 'mode' | 'hello' | 'tls' | 'authenticated' | 'smtputf8'>): string {
  const security = `${facts.tls ? 'S' : ''}${facts.authenticated ? 'A' : ''}`;
  if (facts.mode === 'lmtp') return `${facts.smtputf8 ? 'UTF8' : ''}LMTP${security}`;
  if (facts.smtputf8) return `UTF8SMTP${security}`;
  return facts.hello?.verb === 'EHLO' || security !== '' ? `ESMTP${security}` : 'SMTP';
}

/** RFC 8314 §4.3: names of cipher suites by IANA, `0x` and digits otherwise; anything else is left out. */
function tlsClause(cipher: string | undefined): string {
  return cipher !== undefined && /^[A-Za-z][A-Za-z0-9_]*$/.test(cipher) ? ` tls ${cipher}` : '';
}

/** A Received field, with its line end (RFC 5321 §4.4). */
export function formatReceived(facts: ReceivedFacts): string {
  const ip = formatAddressLiteral(facts.remoteAddress);
  const from = `Received: from ${facts.hello?.name ?? ip} (${ip})`;
  const by = `by ${facts.hostname} with ${withProtocol(facts)} id ${facts.id}`;
  const tls = tlsClause(facts.tls?.cipher);
  const recipient = facts.recipient ? formatAddress(facts.recipient, { smtputf8: facts.smtputf8 }) : undefined;
  const clauses = `${recipient === undefined ? '' : `for <${recipient}>`}${tls}`.trim();
  return `${from}\r\n\t${by}${clauses === '' ? '' : `\r\n\t${clauses}`}; ${facts.date}\r\n`;
}

/** A Return-Path field, with its line end (RFC 5321 §4.4); null for the null reverse-path. */
export function formatReturnPath(sender: Address | null, smtputf8: boolean): string {
  return `Return-Path: <${sender ? formatAddress(sender, { smtputf8 }) : ''}>\r\n`;
}
