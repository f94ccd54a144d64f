// Mail sent through a service by a client of ours, and read back from the store.
import { type Clock, concatBytes } from '@mox/runtime';
import { SmtpClientSession, type SmtpSendResult } from '@mox/smtp';
import type { Store } from '@mox/store';
import type { InboundSession } from '../src/index.ts';

/** A message and its envelope. */
export interface Mail {
  /** Empty for the null reverse-path. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly content: Uint8Array;
  readonly protocol?: 'smtp' | 'lmtp';
}

async function handleEvents(service: InboundSession): Promise<void> {
  for (let event = service.session.next(); event; event = service.session.next()) {
    if (event.type !== 'close' && event.type !== 'start-tls') await service.handle(event);
  }
}

/** Sends a message through one connection of a service, in pieces of 10,000 bytes. */
export async function sendMail(
  service: InboundSession,
  clock: Clock,
  { sender, recipients, content, protocol = 'smtp' }: Mail,
): Promise<SmtpSendResult | undefined> {
  const client = new SmtpClientSession({ hostname: 'client.example', clock, protocol });
  let result: SmtpSendResult | undefined;
  for (let moved = true; moved; ) {
    await handleEvents(service);
    const said = service.session.takeOutput();
    if (said) client.receive(said);
    for (let event = client.next(); event; event = client.next()) {
      if (event.type === 'ready') client.send({ sender, recipients: recipients.map((address) => ({ address })) });
      if (event.type === 'content-wanted') {
        for (let at = 0; at < content.length; at += 10_000) client.write(content.slice(at, at + 10_000));
        client.endContent();
      }
      if (event.type === 'result') {
        result = event.result;
        client.quit();
      }
    }
    const answered = client.takeOutput();
    if (answered) service.session.receive(answered);
    moved = said !== undefined || answered !== undefined;
  }
  await service.close();
  return result;
}

/** All messages of a mailbox, with their flags. */
export async function readMailbox(
  store: Store,
  login: string,
  path: string = 'INBOX',
): Promise<{ readonly bytes: Uint8Array; readonly flags: readonly string[] }[]> {
  const account = await store.account((await store.accounts.findByLogin(login))?.id ?? '');
  const mailbox = await account?.mailbox(path);
  if (!account || !mailbox) return [];
  const index = await account.openMailbox(mailbox.id);
  const messages: { bytes: Uint8Array; flags: readonly string[] }[] = [];
  for await (const emails of account.readEmails(mailbox.id, index?.uids ?? new Uint32Array(), [])) {
    for (const { blobId, uid } of emails) {
      const pieces: Uint8Array[] = [];
      for await (const piece of (await account.readBlob(blobId)) ?? []) pieces.push(piece.slice());
      const flagSet = await account.flagSet(index?.flagSetIds[index.uids.indexOf(uid)] ?? 0);
      messages.push({ bytes: concatBytes(pieces), flags: flagSet?.flags ?? [] });
    }
  }
  return messages;
}
