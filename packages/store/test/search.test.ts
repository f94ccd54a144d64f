import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeEncodedWords } from '@mox/encoding';
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
