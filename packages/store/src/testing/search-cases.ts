import { deepEqual } from 'node:assert/strict';
import type { SearchCriterion } from '../search.ts';
import { deliver, emailsOf, mailboxOf, makeAccount, type StoreCase } from './suite.ts';

const messages = [
  {
    content:
      'From: Jane Doe <jane@example.net>\r\nTo: joe@example.org\r\nSubject: =?utf-8?Q?Stra=C3=9Fe?= plans\r\nDate: Mon, 2 Nov 2026 23:30:00 -0500\r\nX-Empty:\r\nMessage-ID: <1@x>\r\n\r\nThe quick brown fox.\r\n',
    flags: ['\\Seen', '$Work'],
    receivedAt: Date.UTC(2026, 10, 3, 4, 30),
  },
  {
    content:
      'From: "=?iso-8859-1?Q?Andr=E9?=" <andre@example.com>\r\nTo: team@example.org, joe@example.org\r\nCc: boss@example.org\r\nSubject: report\r\nDate: Tue, 3 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nUn caf=E9 cr=E8me long soft line br=\r\noken here.\r\n',
    flags: [],
    receivedAt: Date.UTC(2026, 10, 4),
  },
  {
    content: `From: list@example.net\r\nSubject: html\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>tea &amp; <b>bis</b>cuits</p>\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nc2VjcmV0\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${btoa(`${'padding '.repeat(20_000)}needle at the end`)}\r\n--b--\r\n`,
    flags: ['\\Flagged'],
    receivedAt: Date.UTC(2026, 10, 5),
  },
  {
    content:
      'From: "Quo \\"ted" <q@example.net>\r\nSubject: 100% of a_b\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner =?utf-8?Q?gr=C3=BC=C3=9Fe?=\r\n\r\nInner words.\r\n',
    flags: ['\\Seen'],
    receivedAt: Date.UTC(2026, 10, 6),
  },
];

const text = (type: 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body' | 'text', value: string): SearchCriterion => ({ type, text: value });
const header = (name: string, value: string): SearchCriterion => ({ type: 'header', name, text: value });
const day = (number: number): number => Date.UTC(2026, 10, number);

const table: readonly (readonly [what: string, criterion: SearchCriterion, uids: readonly number[]])[] = [
  ['everything', { type: 'all' }, [1, 2, 3, 4]],
  ['a flag in any case', { type: 'flag', flag: '\\seen' }, [1, 4]],
  ['a keyword in any case', { type: 'flag', flag: '$WORK' }, [1]],
  ['a flag nobody has', { type: 'flag', flag: 'nope' }, []],
  ['not', { type: 'not', criterion: { type: 'flag', flag: '\\Seen' } }, [2, 3]],
  [
    'uid ranges, in any order',
    {
      type: 'uid',
      ranges: [
        [3, 9],
        [1, 1],
      ],
    },
    [1, 3, 4],
  ],
  ['no uid ranges', { type: 'uid', ranges: [] }, []],
  ['larger', { type: 'larger', sizeBytes: 1000 }, [3]],
  ['smaller', { type: 'smaller', sizeBytes: 1000 }, [1, 2, 4]],
  ['received', { type: 'received', from: day(4), to: day(5) }, [2]],
  ['received, open at one end', { type: 'received', to: day(4) }, [1]],
  ['sent by the date of the zone of the field', { type: 'sent', from: day(2), to: day(3) }, [1]],
  ['sent, open at one end: without Date field never', { type: 'sent', from: 0 }, [1, 2]],
  ['from: display name', text('from', 'jane d'), [1]],
  ['from: address', text('from', 'JANE@EXAMPLE'), [1]],
  ['from: encoded name', text('from', 'andr\u00e9'), [2]],
  ['to', text('to', 'team@'), [2]],
  ['cc', text('cc', 'boss'), [2]],
  ['bcc', text('bcc', 'x'), []],
  ['subject, case folded fully', text('subject', 'STRASSE'), [1]],
  ['subject, empty text: the field is there', text('subject', ''), [1, 2, 3, 4]],
  ['subject with the wildcards of others', text('subject', '0% OF A_'), [4]],
  ['subject: wildcards stand for themselves', text('subject', '1%f'), []],
  ['from: over the pieces of an address', text('from', 'doe <JANE@example'), [1]],
  ['from: with a quote', text('from', 'o "ted'), [4]],
  ['from: folded beyond ASCII', text('from', 'ANDRE\u0301'), [2]],
  ['body: a message within', text('body', 'inner words'), [4]],
  ['body: the header of a message within', text('body', 'subject: inner GRÜSSE'), [4]],
  ['text: the header of a message within', text('text', 'grüße'), [4]],
  ['header', header('message-id', '<1@X>'), [1]],
  ['header, empty text: the field is there', header('X-Empty', ''), [1]],
  ['header that is not there', header('X-None', ''), []],
  ['body', text('body', 'QUICK BROWN'), [1]],
  ['body: quoted-printable and charset undone', text('body', 'caf\u00e9 cr\u00e8me'), [2]],
  ['body: composed or not', text('body', 'cafe\u0301'), [2]],
  ['body: over a soft line break', text('body', 'broken here'), [2]],
  ['body: html as text', text('body', 'tea & biscuits'), [3]],
  ['body: html as it stands', text('body', '&amp; <b>BIS</b>'), [3]],
  ['body: base64, at the end of a long part', text('body', 'needle at the end'), [3]],
  ['body: not in other parts', text('body', 'secret'), []],
  ['body: not in the header', text('body', 'plans'), []],
  ['text: header and body', text('text', 'plans'), [1]],
  ['text: body', text('text', 'quick'), [1]],
  [
    'and: cheap before dear',
    {
      type: 'and',
      criteria: [text('text', 'example'), { type: 'flag', flag: '\\Flagged' }],
    },
    [3],
  ],
  [
    'or',
    {
      type: 'or',
      criteria: [text('body', 'fox'), { type: 'flag', flag: '\\Flagged' }],
    },
    [1, 3],
  ],
  ['and of nothing', { type: 'and', criteria: [] }, [1, 2, 3, 4]],
  ['or of nothing', { type: 'or', criteria: [] }, []],
];

/** Search. */
export const searchCases: readonly StoreCase[] = [
  {
    title: 'RFC 9051 §6.4.4: each criterion finds what it should',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, messages);
      const { id } = await mailboxOf(account);
      for (const [what, criterion, uids] of table) deepEqual([...(await account.search(id, criterion))], uids, what);
      deepEqual([...(await account.search('M999', { type: 'all' }))], []);
    },
  },
  {
    title: 'modseq, ids of emails and of threads are found',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, messages);
      const { id } = await mailboxOf(account);
      await account.updateFlags(id, { uids: Uint32Array.of(2), mode: 'add', flags: ['x'] });
      const [, second] = await emailsOf(account, ['thread']);
      const find = async (criterion: SearchCriterion) => [...(await account.search(id, criterion))];
      deepEqual(await find({ type: 'modseq', modseq: await account.modseq() }), [2]);
      deepEqual(await find({ type: 'email-id', id: second?.emailId ?? '' }), [2]);
      deepEqual(await find({ type: 'thread-id', id: second?.threadId ?? '' }), [2]);
      deepEqual(await find({ type: 'email-id', id: 'nonsense' }), []);
    },
  },
];
