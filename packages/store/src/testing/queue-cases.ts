import { deepEqual, equal } from 'node:assert/strict';
import { bytesOf, decisionOf, present, type StoreCase, stage } from './suite.ts';

/** The queue and the record of decisions. */
export const queueCases: readonly StoreCase[] = [
  {
    title: 'queued messages come when they are due, oldest first, also after opening again',
    async run({ store, reopen }) {
      const small = await stage(store, 'small');
      const large = await stage(store, 'l'.repeat(200_000));
      const ids = await store.queue.enqueue([
        { sender: 'a@x', recipients: ['b@y', 'c@y'], blob: small, nextAttemptAt: 300, parameters: { smtputf8: 'yes' } },
        { sender: '', recipients: ['d@z'], blob: large, nextAttemptAt: 100 },
        { sender: 'a@x', recipients: ['e@w'], blob: small, nextAttemptAt: 200 },
      ]);
      await Promise.all([small.release(), large.release()]);
      const { queue } = await reopen();
      equal(await queue.nextDue(), 100);
      deepEqual(await queue.due(99, 10), []);
      deepEqual(
        (await queue.due(300, 2)).map(({ id }) => id),
        [ids[1], ids[2]],
      );
      const first = present(await queue.get(present(ids[0])));
      deepEqual([first.sender, first.recipients, first.parameters, first.attempts], ['a@x', ['b@y', 'c@y'], { smtputf8: 'yes' }, 0]);
      const second = present(await queue.get(present(ids[1])));
      equal((await bytesOf(await queue.readBlob(second.blobId))).length, 200_000);
      equal(second.sizeBytes, 200_000);
    },
  },
  {
    title: 'a message is put off with the recipients that are left, and removed when done',
    async run({ store }) {
      const { queue } = store;
      const blob = await stage(store, 'x');
      const [id = ''] = await queue.enqueue([{ sender: 'a@x', recipients: ['b@y', 'c@y'], blob, nextAttemptAt: 1 }]);
      equal(await queue.reschedule(id, { recipients: ['c@y'], nextAttemptAt: 50, problem: '451 later' }), true);
      const message = present(await queue.get(id));
      deepEqual([message.recipients, message.nextAttemptAt, message.attempts, message.lastProblem], [['c@y'], 50, 1, '451 later']);
      equal(await queue.nextDue(), 50);
      equal(await queue.remove(id), true);
      equal(await queue.remove(id), false);
      equal(await queue.get(id), undefined);
      equal(await queue.reschedule(id, { recipients: [], nextAttemptAt: 1, problem: '' }), false);
      equal(await queue.nextDue(), undefined);
      equal(await queue.readBlob(message.blobId), undefined);
      deepEqual(await store.check(), []);
    },
  },
  {
    title: 'the queue is listed page by page',
    async run({ store }) {
      const { queue } = store;
      const blob = await stage(store, 'x');
      const message = { sender: 'a@x', recipients: ['b@y'], blob, nextAttemptAt: 1 };
      const ids = await queue.enqueue([message, message, message]);
      const page = await queue.list({ limit: 2 });
      deepEqual(
        page.map(({ id }) => id),
        ids.slice(0, 2),
      );
      deepEqual(
        (await queue.list({ limit: 2, afterId: present(page[1]).id })).map(({ id }) => id),
        ids.slice(2),
      );
      equal((await queue.list()).length, 3);
    },
  },
  {
    title: 'a batch queues, changes and removes at once',
    async run({ store, reopen }) {
      const blob = await stage(store, 'x');
      const message = { sender: 'a@x', recipients: ['b@y', 'c@y'], blob, nextAttemptAt: 1, parameters: { a: '1' } };
      const [one = '', two = '', three = ''] = await store.queue.enqueue([message, message, message]);
      const ids = await store.queue.apply({
        enqueue: [{ ...message, sender: '' }],
        change: [
          { id: one, recipients: ['c@y'], nextAttemptAt: 70, attempts: 4, lastProblem: 'down', parameters: { a: '2' } },
          { id: two, nextAttemptAt: 90 },
          { id: 'Q99', attempts: 1 },
        ],
        remove: [three, 'Q98'],
      });
      const { queue } = await reopen();
      const first = present(await queue.get(one));
      deepEqual(
        [first.recipients, first.nextAttemptAt, first.attempts, first.lastProblem, first.parameters],
        [['c@y'], 70, 4, 'down', { a: '2' }],
      );
      const second = present(await queue.get(two));
      deepEqual([second.recipients, second.nextAttemptAt, second.attempts, second.parameters], [['b@y', 'c@y'], 90, 0, { a: '1' }]);
      equal(await queue.get(three), undefined);
      equal(present(await queue.get(present(ids[0]))).sender, '');
      deepEqual([await queue.nextDue(), await queue.nextDue({ after: 1 }), await queue.nextDue({ after: 90 })], [1, 70, undefined]);
    },
  },
  {
    title: 'a blob shared by queued messages stays until the last is gone',
    async run({ store }) {
      const { queue } = store;
      const blob = await stage(store, 'shared');
      const message = { sender: '', recipients: ['b@y'], blob, nextAttemptAt: 1 };
      const [one = '', two = ''] = await queue.enqueue([message, message]);
      await queue.remove(one);
      const { blobId } = present(await queue.get(two));
      equal((await bytesOf(await queue.readBlob(blobId))).length, 6);
    },
  },
  {
    title: 'decisions are found by transaction, Message-ID, addresses and peer, newest first',
    async run({ store, reopen }) {
      const envelope = { sender: 'Sender@example.net', recipients: ['joe@example.org', 'jane@example.org'] };
      const message = { messageId: '<m1@example.net>', from: 'from@example.net', sizeBytes: 5 };
      const first = decisionOf('t1', { at: 100, queueId: 'Q7', envelope, message });
      const second = decisionOf('t2', { at: 200, outcome: 'refused', envelope: { ...envelope, recipients: [] } });
      await Promise.all([store.decisions.record(first), store.decisions.record(second)]);
      const { decisions } = await reopen();
      for (const text of ['t1', 'Q7', '<m1@example.net>', 'm1@example.net', 'from@example.net', 'JOE@example.org']) {
        deepEqual(await decisions.find({ text }), [first], text);
      }
      for (const text of ['sender@example.net', '192.0.2.1']) deepEqual(await decisions.find({ text }), [second, first], text);
      deepEqual(await decisions.find({}), [second, first]);
      deepEqual(await decisions.find({ since: 150 }), [second]);
      deepEqual(await decisions.find({ limit: 1 }), [second]);
      deepEqual(await decisions.find({ text: 'nobody' }), []);
    },
  },
];
