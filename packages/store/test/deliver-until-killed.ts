// A child of the kill test: delivers as fast as it can, and prints each message once its delivery is durable.
import { openStore } from '../src/index.ts';

const [directory = '', round = ''] = process.argv.slice(2);
const store = await openStore({ directory, clock: { now: () => Date.now() }, workers: 2, limits: { inlineBlobBytes: 16_384 } });
const infos = await store.accounts.list();

async function deliver(lane: number): Promise<void> {
  const info = infos[lane % infos.length];
  const account = info && (await store.account(info.id));
  const inbox = await account?.mailbox('INBOX');
  if (!info || !account || !inbox) throw new Error('no account');
  for (let i = 0; ; i++) {
    const name = `${round}.${lane}.${i}`;
    const writer = store.writeBlob();
    const body = `${name}\r\n`.repeat(lane % 3 === 0 ? 4000 : 20);
    await writer.write(new TextEncoder().encode(`Subject: ${name}\r\n\r\n${body}`));
    const blob = await writer.finish();
    const result = await account.addMessages([{ mailboxId: inbox.id, blob, receivedAt: Date.now(), flags: i % 2 === 0 ? ['\\Seen'] : [] }]);
    if (!result.ok) throw new Error(result.problem);
    const uid = result.added[0]?.uid ?? 0;
    process.stdout.write(`added ${info.id} ${uid} ${name} ${blob.sizeBytes}\n`);
    await blob.release();
    if (i % 5 !== 4) continue;
    process.stdout.write(`expunging ${info.id} ${uid}\n`);
    await account.expunge(inbox.id, Uint32Array.of(uid));
    process.stdout.write(`expunged ${info.id} ${uid}\n`);
  }
}

process.stdout.write('ready\n');
await Promise.all(Array.from({ length: 9 }, (_, lane) => deliver(lane)));
