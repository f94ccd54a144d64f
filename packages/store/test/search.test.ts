import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeEncodedWords } from '@mox/encoding';
import { parseHeaderFields } from '@mox/message-format';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foldText, PieceMatcher } from '../src/engine/search/fold-text.ts';
import { addressesText } from '../src/engine/search/search-content.ts';
import { type Account, type Email, openStore, type Store } from '../src/index.ts';
import { collect, deliver, emailsOf, mailboxOf, makeAccount } from '../src/testing/suite.ts';

const pieces = [
  'a',
  'B',
  'ss',
  'ß',
  'ſ',
  'é',
  'e\u0301',
  'İ',
  'ﬁ',
  '"',
  '\\',
  '%',
  '_',
  '\t',
  ' ',
  '@',
  '<',
  ',',
  '=?utf-8?Q?=C3=9F_x?=',
  '=?',
  'Joe',
  'x.y',
];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''));

let directory = '';
let store: Store;
let account: Account;
let mailboxId = '';
let emails: readonly Email[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mox-search-'));
  store = await openStore({ directory, clock: { now: () => Date.now() }, workers: 1 });
  ({ account } = await makeAccount(store));
  mailboxId = (await mailboxOf(account)).id;
  const samples = fc.sample(fc.tuple(text, text), { numRuns: 300, seed: 7 });
  await deliver(
    store,
    account,
    samples.map(([subject, name]) => ({
      content: `Subject: ${subject}\r\nFrom: "${name.replace(/[\\"]/g, '\\$&')}" <joe.${name.length}@Example.ORG>\r\n\r\nbody\r\n`,
    })),
  );
  emails = await emailsOf(account, ['envelope']);
});

afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Uids by the rule itself, without any of the store's short cuts. */
function expected(needle: string, textOf: (email: Email) => string | undefined): number[] {
  return emails.flatMap((email) => {
    const own = textOf(email);
    return own !== undefined && foldText(own).includes(foldText(needle)) ? [email.uid] : [];
  });
}

it('finds by subject and by address what a look at each message finds', async () => {
  expect(emails).toHaveLength(300);
  const needle = fc.oneof(text, fc.constantFrom('joe.', 'oe.3@example', '<joe', 'EXAMPLE.org>', 'strasse', '100%', '=?utf'));
  await fc.assert(
    fc.asyncProperty(needle, async (wanted) => {
      const subjects = await account.search(mailboxId, { type: 'subject', text: wanted });
      const subjectOf = ({ envelope }: Email): string | undefined =>
        typeof envelope?.subject === 'string' ? decodeEncodedWords(envelope.subject) : undefined;
      expect([...subjects]).toEqual(expected(wanted, subjectOf));
      const senders = await account.search(mailboxId, { type: 'and', criteria: [{ type: 'from', text: wanted }, { type: 'all' }] });
      expect([...senders]).toEqual(expected(wanted, ({ envelope }) => addressesText(envelope?.from ?? null)));
    }),
    { numRuns: 150 },
  );
});

it('finds by header field what a look at each message finds', async () => {
  const fields = fc.array(
    fc.tuple(
      fc.constantFrom('X-Note', 'x-note ', 'Received', 'X-Other'),
      fc.array(fc.oneof(text, fc.constantFrom('\r\n ', '\n\t', '\0', '\xfc', '%'))),
    ),
    { maxLength: 4 },
  );
  const contents = fc
    .sample(fields, { numRuns: 300, seed: 11 })
    .map((list) => Buffer.from(`${list.map(([name, value]) => `${name}: ${value.join('')}\r\n`).join('')}\r\nbody\r\n`));
  const archive = (await mailboxOf(account, 'Archive')).id;
  await deliver(
    store,
    account,
    contents.map((content) => ({ content })),
    'Archive',
  );
  const headers = contents.map((content) => parseHeaderFields(content));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('X-Note', 'x-OTHER', 'received', 'none', 'X-Nöte'), text, async (name, wanted) => {
      const found = await account.search(archive, { type: 'header', name, text: wanted });
      const matching = headers.flatMap((header, i) =>
        header.some(
          (field) => field.nameLower === name.toLowerCase() && foldText(decodeEncodedWords(field.value)).includes(foldText(wanted)),
        )
          ? [i + 1]
          : [],
      );
      expect([...found]).toEqual(matching);
    }),
    { numRuns: 200 },
  );
});

it('finds a text across any cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), text, (parts, wanted) => {
      const matcher = new PieceMatcher(wanted);
      for (const part of parts) matcher.push(part);
      // Folding joins what stands at both sides of a cut only where composition does not reach across it.
      fc.pre(parts.every((part) => !part.startsWith('\u0301')));
      expect(matcher.found).toBe(parts.map(foldText).join('').includes(foldText(wanted)));
    }),
  );
});

it('reads emails that were found', async () => {
  const uids = await account.search(mailboxId, { type: 'subject', text: 'joe' });
  expect((await collect(account.readEmails(mailboxId, uids, []))).map(({ uid }) => uid)).toEqual([...uids]);
});
