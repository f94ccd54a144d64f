// rfc/index.tsv: every RFC of this field, its status here and at the RFC Editor, its title, topic and package.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, repository } from './workspace.ts';

/** How far an RFC is implemented. `-`: obsoleted, or nothing to implement. */
export type Status = 'Yes' | 'Partial' | 'Roadmap' | 'No' | '-';

export const statuses: readonly Status[] = ['Yes', 'Partial', 'Roadmap', 'No', '-'];

/** The topics, in the order in which they are printed, each with a line that says what it is. */
export const topics: ReadonlyMap<string, string> = new Map([
  ['Internet Message Format', 'Messages: header fields, MIME parts and encodings, disposition notifications'],
  ['SMTP', 'Receiving, submitting and delivering messages, with delivery status notifications'],
  ['SPF', 'Which hosts may send for a domain'],
  ['DKIM', 'Signatures of a domain over a message'],
  ['DMARC', 'What a domain wants done with messages that fail SPF and DKIM, and reports about it'],
  ['ARC', 'Results of authentication, sealed and handed on by forwarders'],
  ['DANE', "A host's certificate, published in DNSSEC"],
  ['MTA-STS', 'Verified TLS between mail servers by a policy over HTTPS'],
  ['TLS Reporting', 'Reports about TLS that failed between mail servers'],
  ['ARF', 'Reports about abuse and failed authentication'],
  ['IMAP', 'Reading and organizing mail'],
  ['Sieve', 'Filtering of mail by scripts, and managing the scripts'],
  ['JMAP', 'Mail, contacts and more as JSON over HTTP'],
  ['CalDAV/iCal', 'Calendars, and WebDAV beneath them'],
  ['CardDAV/vCard', 'Contacts'],
  ['SASL', 'Authentication mechanisms and the cryptography they stand on'],
  ['Internationalization', 'Addresses, domains and headers beyond ASCII'],
  ['TLS', 'Encrypted connections and certificates'],
  ['ACME', 'Certificates obtained and renewed automatically'],
  ['CAA', 'Which authorities may issue certificates for a domain'],
  ['HTTP', 'The web: semantics, authorization, tokens'],
  ['DNS', 'The Domain Name System and DNSSEC'],
  ['Other', 'What the others stand on'],
]);

/** A row of the index. */
export interface IndexRow {
  readonly number: number;
  readonly status: Status;
  /** Its standing at the RFC Editor: `Proposed Standard`, `obsoleted by 5321` ... */
  readonly rfcStatus: string;
  readonly title: string;
  readonly topic: string;
  /** Folder of the package or app that implements it or will; `-` where none is planned. */
  readonly package: string;
}

const head = 'number\tstatus\trfc-status\ttitle\ttopic\tpackage';

/** Reads an index. Its faults are returned as sentences, with the line. */
export function parseIndex(text: string): { readonly rows: IndexRow[]; readonly faults: string[] } {
  const faults: string[] = [];
  const rows: IndexRow[] = [];
  const [first, ...lines] = text.replace(/\n$/, '').split('\n');
  if (first !== head) faults.push(`line 1: not ${JSON.stringify(head)}`);
  const topicOrder = [...topics.keys()];
  for (const [i, line] of lines.entries()) {
    const [number = '', status = '', rfcStatus = '', title = '', topic = '', pkg, ...more] = line.split('\t');
    const fault = (message: string): void => void faults.push(`line ${i + 2}: ${message}`);
    if (pkg === undefined || more.length > 0) fault(`not six columns: ${line}`);
    if (!/^[1-9]\d*$/.test(number)) fault(`not a number: ${number}`);
    if (!statuses.includes(status as Status)) fault(`status ${status} is none of ${statuses.join(', ')}`);
    if (!topics.has(topic)) fault(`no topic ${topic}`);
    if (title === '' || rfcStatus === '') fault('no title or no status at the RFC Editor');
    if (rows.some((row) => row.number === Number(number))) fault(`RFC ${number} is there twice`);
    const previous = rows.at(-1);
    const order = previous ? topicOrder.indexOf(topic) - topicOrder.indexOf(previous.topic) || Number(number) - previous.number : 1;
    if (order <= 0) fault(`RFC ${number} is out of order: by topic, then by number`);
    rows.push({ number: Number(number), status: status as Status, rfcStatus, title, topic, package: pkg ?? '' });
  }
  return { rows, faults };
}

/** The index of the repository. */
export function readIndex(root: string = repository): { readonly rows: IndexRow[]; readonly faults: string[] } {
  return parseIndex(readFileSync(join(root, 'rfc/index.tsv'), 'utf8'));
}

/** The sections of an RFC, number or appendix letter to title; undefined where no list is checked in. */
export function readSections(number: number, root: string = repository): ReadonlyMap<string, string> | undefined {
  const text = readIfThere(join(root, `rfc/sections/${number}.txt`));
  if (text === undefined) return undefined;
  const lines = text.replace(/\n$/, '').split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]));
}
