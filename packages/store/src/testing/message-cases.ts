import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { EmailField } from '../account.ts';
import { isKeptField } from '../kept-fields.ts';
import {
  bytesOf,
  collect,
  decisionOf,
  deliver,
  emailsOf,
  flagsOf,
  granted,
  mailboxOf,
  makeAccount,
  messageText,
  present,
  type StoreCase,
  sameUids,
  stage,
  uidsOf,
} from './suite.ts';

const allFields: readonly EmailField[] = [
  'envelope',
  'structure',
  'kept-fields',
  'received-at',
  'saved-at',
  'thread',
  'preview',
  'decision',
];

function patterned(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i % 78 === 76 ? 13 : i % 78 === 77 ? 10 : 33 + (i % 89)));
}

/** Messages, blobs and emails. */
export const messageCases: readonly StoreCase[] = [
  {
    title: 'a message comes back as it went in, whatever its size, also after opening again',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      const sizes = [0, 1, 4096, 65_535, 65_536, 65_537, 131_072, 131_073, 300_000, 3_000_000];
      for (const size of sizes) await deliver(store, account, [{ content: patterned(size) }]);
      const again = await reopen();
      const account2 = present(await again.account(info.id));
      const emails = await emailsOf(account2, []);
      deepEqual(
        emails.map(({ sizeBytes }) => sizeBytes),
        sizes,
      );
      for (const { blobId, sizeBytes } of emails) deepEqual(await bytesOf(await account2.readBlob(blobId)), patterned(sizeBytes));
      deepEqual(await again.check(), []);
    },
  },
  {
    title: 'ranges of a blob can be read',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{ content: patterned(1000) }, { content: patterned(300_000) }]);
      for (const { blobId, sizeBytes } of await emailsOf(account, [])) {
        for (const [start, end] of [
          [0, 10],
          [500, 700],
          [sizeBytes - 5, sizeBytes + 5],
          [sizeBytes + 1, sizeBytes + 2],
          [7, 7],
          [9, 3],
        ] as const) {
          deepEqual(await bytesOf(await account.readBlob(blobId, { start, end })), patterned(sizeBytes).slice(start, Math.max(start, end)));
        }
        deepEqual(await bytesOf(await account.readBlob(blobId, { start: 990 })), patterned(sizeBytes).slice(990));
      }
      equal(await account.readBlob('B999999'), undefined);
      equal(await account.readBlob('nonsense'), undefined);
    },
  },
  {
    title: 'what is not there can be asked for again and again',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const [uid = 0] = await deliver(store, account, [{ content: '' }]);
      const { id } = await mailboxOf(account);
      const [{ blobId } = { blobId: '' }] = await emailsOf(account, []);
      for (let i = 0; i < 3; i++) {
        deepEqual(await collect(account.readEmails(id, Uint32Array.of(uid + 1), allFields)), []);
        deepEqual(await account.readRanges([{ blobId, start: 0, end: 9 }]), [new Uint8Array()]);
        deepEqual(await account.readRanges([{ blobId: 'B999', start: 0, end: 9 }]), [undefined]);
        equal((await account.search(id, { type: 'subject', text: 'x' })).length, 0);
        equal((await account.expunge(id, Uint32Array.of(uid + 1))).length, 0);
      }
    },
  },
  {
    title: 'fields of the header section come with emails, those left out that isKeptField names',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const head = 'Received: a\r\n b\r\nFrom: c\r\nX-Y: \xfc\0\r\n d\r\nARC-Seal: e\r\n\r\n';
      const contents = [`${head}body\r\n`, `X: ${'x'.repeat(100_000)}\r\n\r\n`, '', `${head}${'z'.repeat(200_000)}`, '\r\nno header'];
      await deliver(
        store,
        account,
        contents.map((text) => ({ content: Buffer.from(text, 'latin1') })),
      );
      const keptOf = async (fields: readonly EmailField[]): Promise<(string | undefined)[]> =>
        (await emailsOf(account, fields)).map(({ keptFields: kept }) =>
          kept ? Buffer.from(kept.bytes.subarray(kept.start, kept.end)).toString('latin1') : undefined,
        );
      const wanted = 'From: c\r\nX-Y: \xfc\0\r\n d\r\n\r\n';
      for (const fields of [['kept-fields'], allFields] as const)
        deepEqual(await keptOf(fields), [wanted, undefined, undefined, wanted, '\r\n']);
      deepEqual(await keptOf(['envelope']), Array(5).fill(undefined));
      equal(isKeptField('X-Y') && !isKeptField('ARC-Seal') && !isKeptField('received'), true);
    },
  },
  {
    title: 'short ranges of several blobs are read in one go',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{ content: patterned(1000) }, { content: patterned(300_000) }, { content: '' }]);
      const [small = '', large = '', empty = ''] = (await emailsOf(account, [])).map(({ blobId }) => blobId);
      const ranges = [
        { blobId: small, start: 0, end: 10 },
        { blobId: large, start: 299_990, end: 300_500 },
        { blobId: 'B999', start: 0, end: 1 },
        { blobId: empty, start: 0, end: 5 },
        { blobId: small, start: 990, end: 2000 },
        { blobId: small, start: 8, end: 3 },
        { blobId: large, start: 400_000, end: 400_001 },
      ];
      deepEqual(await account.readRanges(ranges), [
        patterned(1000).slice(0, 10),
        patterned(300_000).slice(299_990),
        undefined,
        new Uint8Array(0),
        patterned(1000).slice(990),
        new Uint8Array(0),
        new Uint8Array(0),
      ]);
      deepEqual(await account.readRanges([]), []);
    },
  },
  {
    title: 'ranges bring every byte as it is, of many blobs at once, the same one several times, files among them',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const every = Uint8Array.from({ length: 1024 }, (_, i) => (i < 256 ? i : i < 512 ? 0 : (i * 7) % 256));
      const contents = [every, patterned(200_000), every.toReversed(), new Uint8Array(0), new Uint8Array(3), patterned(9000)];
      await deliver(
        store,
        account,
        contents.map((content) => ({ content })),
      );
      const emails = await emailsOf(account, []);
      const wholes = [...emails.keys(), 0, 1, 0].map((i) => ({ content: present(contents[i]), blobId: present(emails[i]).blobId }));
      const read = (start: number, end: number) => account.readRanges(wholes.map(({ blobId }) => ({ blobId, start, end })));
      for (const [start, end] of [
        [0, 1_000_000],
        [0, 300],
        [0, 0],
        [1, 1_000_000],
        [255, 257],
      ] as const) {
        deepEqual(
          await read(start, end),
          wholes.map(({ content }) => content.slice(start, end)),
        );
      }
    },
  },
  {
    title: 'how a blob was cut into pieces makes no difference',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { id } = await mailboxOf(account);
      const content = patterned(150_000);
      for (const pieceBytes of [997, 65_536, 140_000, 150_000]) {
        granted(await account.addMessages([{ mailboxId: id, blob: await stage(store, content, pieceBytes), receivedAt: 1 }]));
      }
      for (const { blobId } of await emailsOf(account, [])) deepEqual(await bytesOf(await account.readBlob(blobId)), content);
    },
  },
  {
    title: 'what is told at the end may stand first in a blob, of any size',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { id } = await mailboxOf(account);
      const contents: Uint8Array[] = [];
      for (const [first, rest] of [
        [10, 1_000],
        [0, 200_000],
        [10, 200_000],
        [100_000, 100_000],
        [200_000, 0],
        [10, 1_000_000],
      ] as const) {
        const content = patterned(first + rest);
        const writer = store.writeBlob();
        for (let at = first; at < content.length; at += 60_000) await writer.write(content.slice(at, at + 60_000));
        const blob = await writer.finish(content.slice(0, first));
        equal(blob.sizeBytes, content.length);
        granted(await account.addMessages([{ mailboxId: id, blob, receivedAt: 1 }]));
        await blob.release();
        contents.push(content);
      }
      const emails = await emailsOf(account, []);
      deepEqual(await Promise.all(emails.map(async ({ blobId }) => bytesOf(await account.readBlob(blobId)))), contents);
      deepEqual(await store.check(), []);
    },
  },
  {
    title: 'a blob that was thrown away leaves nothing, and takes no more',
    async run({ store }) {
      const writer = store.writeBlob();
      await writer.write(patterned(200_000));
      await writer.abort();
      await rejects(writer.write(Uint8Array.of(1)), TypeError);
      await rejects(writer.finish(), TypeError);
    },
  },
  {
    title: 'one blob may be added to several mailboxes and accounts: within a call it is one email',
    async run({ store }) {
      const joe = await makeAccount(store);
      const jane = await makeAccount(store, { name: 'jane' });
      for (const content of [messageText('small'), messageText('large', 'x'.repeat(200_000))]) {
        const blob = await stage(store, content);
        for (const { account } of [joe, jane]) {
          const inbox = await mailboxOf(account);
          const archive = await mailboxOf(account, 'Archive');
          const { added } = granted(
            await account.addMessages([
              { mailboxId: inbox.id, blob, receivedAt: 5 },
              { mailboxId: archive.id, blob, receivedAt: 5 },
            ]),
          );
          equal(added[0]?.emailId, added[1]?.emailId);
        }
        await blob.release();
      }
      const [, large] = await emailsOf(jane.account, [], 'Archive');
      equal((await bytesOf(await jane.account.readBlob(present(large).blobId))).length, present(large).sizeBytes);
    },
  },
  {
    title: 'adding says uid, uidvalidity, modseq and ids; a call is one change',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const inbox = await mailboxOf(account);
      const before = await account.modseq();
      const blob = await stage(store, messageText('a'));
      const { added } = granted(
        await account.addMessages([
          { mailboxId: inbox.id, blob, receivedAt: 1 },
          { mailboxId: inbox.id, blob, receivedAt: 2 },
        ]),
      );
      const after = await account.modseq();
      ok(after > before);
      deepEqual(
        added.map(({ uid, uidValidity, modseq }) => [uid, uidValidity, modseq]),
        [
          [1, inbox.uidValidity, after],
          [2, inbox.uidValidity, after],
        ],
      );
      ok(added[0]?.emailId !== added[1]?.emailId);
      equal((await mailboxOf(account)).highestModseq, after);
    },
  },
  {
    title: 'a message for a mailbox that is not there keeps all of the call out',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const inbox = await mailboxOf(account);
      const blob = await stage(store, 'x'.repeat(200_000));
      const result = await account.addMessages([
        { mailboxId: inbox.id, blob, receivedAt: 1 },
        { mailboxId: 'M999', blob, receivedAt: 1 },
      ]);
      deepEqual(result, { ok: false, problem: 'no-such-mailbox', index: 1 });
      deepEqual(await uidsOf(account), []);
      deepEqual(await store.check(), []);
    },
  },
  {
    title: 'only the fields asked for are there; unknown uids are passed over',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const decision = decisionOf('t1');
      const { id } = await mailboxOf(account);
      const fields = 'Message-ID: <a@b>\r\nContent-Type: text/plain; charset=utf-8\r\n';
      const blob = await stage(store, messageText('=?utf-8?Q?caf=C3=A9?= "quoted"', 'First words.', fields));
      granted(await account.addMessages([{ mailboxId: id, blob, receivedAt: 1234, decision }]));
      const [bare] = await collect(account.readEmails(id, Uint32Array.of(1), []));
      deepEqual(Object.keys(present(bare)).sort(), ['blobId', 'emailId', 'sizeBytes', 'uid']);
      const emails = await collect(account.readEmails(id, Uint32Array.of(9, 1, 7), allFields));
      equal(emails.length, 1);
      const email = present(emails[0]);
      equal(email.envelope?.subject, '=?utf-8?Q?caf=C3=A9?= "quoted"');
      deepEqual(email.envelope?.from, [{ name: 'Jane Doe', route: null, mailbox: 'jane', host: 'example.net' }]);
      equal(email.part?.type, 'text');
      deepEqual(email.part?.parameters, [['charset', 'utf-8']]);
      deepEqual([email.receivedAt, email.preview, email.decision], [1234, 'First words.', decision]);
      ok(email.threadId && email.savedAt !== undefined);
      deepEqual(await account.decision(email.emailId), decision);
      equal(await account.decision('E999'), undefined);
    },
  },
  {
    title: 'emails come in the order of their uids, in batches, each once',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { id } = await mailboxOf(account);
      const blob = await stage(store, messageText('many'));
      const message = { mailboxId: id, blob, receivedAt: 1 };
      granted(await account.addMessages(Array.from({ length: 1500 }, () => message)));
      const uids = Uint32Array.from({ length: 1500 }, (_, i) => 1500 - i);
      const emails = await collect(account.readEmails(id, uids, ['envelope']));
      deepEqual(
        emails.map(({ uid }) => uid),
        Array.from({ length: 1500 }, (_, i) => i + 1),
      );
      equal(emails.at(-1)?.envelope?.subject, 'many');
    },
  },
  {
    title: 'just the emails asked for come, whatever is missing between them',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { id } = await mailboxOf(account);
      const blob = await stage(store, messageText('some'));
      granted(await account.addMessages(Array.from({ length: 20 }, () => ({ mailboxId: id, blob, receivedAt: 1 }))));
      await account.openMailbox(id);
      await account.expunge(id, Uint32Array.of(1, 5, 6, 11, 20));
      for (const asked of [
        [2, 3, 4],
        [2, 3, 4, 7],
        [2, 3, 7],
        [4, 7, 8, 9, 10, 12],
        [3, 4, 5, 7],
        [4, 5, 7],
        [1, 2],
        [19],
        [19, 20],
        [5],
        [18, 19, 20, 21],
      ]) {
        const emails = await collect(account.readEmails(id, Uint32Array.from(asked), ['structure', 'envelope']));
        deepEqual(
          emails.map(({ uid }) => uid),
          asked.filter((uid) => ![1, 5, 6, 11].includes(uid) && uid < 20),
        );
        for (const email of emails) deepEqual([email.envelope?.subject, email.part?.type], ['some', 'text']);
      }
    },
  },
  {
    title: 'an account that only has unknown uids to read gives nothing',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { id } = await mailboxOf(account);
      deepEqual(await collect(account.readEmails(id, Uint32Array.of(1, 2), ['envelope'])), []);
      deepEqual(await collect(account.readEmails('M999', Uint32Array.of(1), [])), []);
      equal(await account.openMailbox('M999'), undefined);
      equal(await account.updateFlags('M999', { uids: Uint32Array.of(1), mode: 'add', flags: ['a'] }), undefined);
      sameUids(await account.expunge('M999', Uint32Array.of(1)), []);
    },
  },
  {
    title: 'RFC 8621 §3: messages that share a message id and the base subject are one thread',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const add = async (subject: string, fields: string) => {
        await deliver(store, account, [{ content: messageText(subject, 'x', fields) }]);
        return present((await emailsOf(account, ['thread'])).at(-1)).threadId;
      };
      const first = await add('Lunch', 'Message-ID: <1@x>\r\n');
      equal(await add('Re: Lunch', 'Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n'), first);
      equal(await add('RE: [list] re: lunch', 'Message-ID: <3@x>\r\nReferences: <0@x>\r\n <1@x> <2@x>\r\n'), first);
      ok((await add('Dinner', 'Message-ID: <4@x>\r\nIn-Reply-To: <1@x>\r\n')) !== first);
      ok((await add('Lunch', 'Message-ID: <5@x>\r\n')) !== first);
      equal(await add('Lunch', 'Message-ID: <6@x>\r\nReferences: <3@x>\r\n'), first);
    },
  },
  {
    title: 'RFC 9051 §2.3.1.1: uids are never used again',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      await deliver(store, account, [{}, {}]);
      const { id } = await mailboxOf(account);
      await account.expunge(id, Uint32Array.of(1, 2));
      const again = await reopen();
      const account2 = present(await again.account(info.id));
      deepEqual(await deliver(again, account2, [{}]), [3]);
      const emails = await emailsOf(account2, []);
      equal(emails[0]?.emailId, 'E3');
    },
  },
  {
    title: 'messages of many callers at once all arrive, each with a uid of its own',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const uids = await Promise.all(Array.from({ length: 60 }, (_, i) => deliver(store, account, [{ content: messageText(`m${i}`) }])));
      deepEqual(
        uids.flat().sort((a, b) => a - b),
        Array.from({ length: 60 }, (_, i) => i + 1),
      );
      equal(new Set((await emailsOf(account, ['envelope'])).map(({ envelope }) => envelope?.subject)).size, 60);
    },
  },
  {
    title: 'RFC 8474 §5.1: a copy is a new message of the same email, with its flags; the order of uids is kept',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{ flags: ['\\Seen', 'blue'] }, {}, {}]);
      await deliver(store, account, [{}], 'Archive');
      const inbox = await mailboxOf(account);
      const archive = await mailboxOf(account, 'Archive');
      const moved = present(await account.copyMessages(inbox.id, Uint32Array.of(3, 1, 77), archive.id));
      deepEqual(
        moved.map(({ fromUid, toUid }) => [fromUid, toUid]),
        [
          [1, 2],
          [3, 3],
        ],
      );
      deepEqual(await flagsOf(account, 'Archive'), { 1: [], 2: ['\\Seen', 'blue'], 3: [] });
      deepEqual(await uidsOf(account), [1, 2, 3]);
      const source = await emailsOf(account, ['received-at', 'thread']);
      const copies = await emailsOf(account, ['received-at', 'thread'], 'Archive');
      deepEqual({ ...copies[1], uid: 1 }, { ...source[0] });
      equal(await account.copyMessages(inbox.id, Uint32Array.of(1), 'M999'), undefined);
      equal(await account.copyMessages('M999', Uint32Array.of(1), inbox.id), undefined);
      deepEqual(await account.copyMessages(inbox.id, Uint32Array.of(99), archive.id), []);
    },
  },
  {
    title: 'RFC 6851 §3.3: a move is a copy and an expunge in one change, also within a mailbox',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{ flags: ['a'] }, { flags: ['b'] }, {}]);
      const inbox = await mailboxOf(account);
      const trash = await mailboxOf(account, 'Trash');
      const [moved] = present(await account.moveMessages(inbox.id, Uint32Array.of(2), trash.id));
      equal(moved?.modseq, await account.modseq());
      deepEqual(await flagsOf(account), { 1: ['a'], 3: [] });
      deepEqual(await flagsOf(account, 'Trash'), { 1: ['b'] });
      await account.moveMessages(inbox.id, Uint32Array.of(1), inbox.id);
      deepEqual(await flagsOf(account), { 3: [], 4: ['a'] });
      deepEqual(await store.check(), []);
    },
  },
  {
    title: 'an email stays as long as one message of it is left',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      const content = patterned(200_000);
      await deliver(store, account, [{ content }]);
      const inbox = await mailboxOf(account);
      await account.copyMessages(inbox.id, Uint32Array.of(1), (await mailboxOf(account, 'Archive')).id);
      await account.expunge(inbox.id, Uint32Array.of(1));
      const again = await reopen();
      const account2 = present(await again.account(info.id));
      await deliver(again, account2, [{}]);
      const [email] = await emailsOf(account2, [], 'Archive');
      deepEqual(await bytesOf(await account2.readBlob(present(email).blobId)), content);
      deepEqual(await again.check(), []);
    },
  },
];
