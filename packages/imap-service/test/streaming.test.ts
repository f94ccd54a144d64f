import { fromLatin1 } from '@mox/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './harness.ts';

/** A client that takes nothing until it is let. */
class SlowPeer {
  readonly id = 'slow';
  readonly remoteAddress = '192.0.2.1';
  readonly localAddress = '192.0.2.2';
  waiting: (() => void) | undefined;

  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }
}

describe('a client that reads slowly', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    await server.deliver('INBOX', [new Uint8Array(6_000_000).fill(65)]);
    await server.deliver(
      'INBOX',
      Array.from({ length: 2000 }, (_, i) => `Subject: ${i}\r\n\r\nx\r\n`),
    );
  });
  afterAll(() => server.close());

  it.each([
    ['one large message', 'FETCH 1 BODY.PEEK[]', 6_000_000],
    ['many messages', 'FETCH 2:* BODY.PEEK[]', 40_000],
    ['many flags', 'FETCH 1:* (UID FLAGS RFC822.SIZE MODSEQ)', 60_000],
  ])('is waited for: %s', async (_, command, atLeast) => {
    const peer = new SlowPeer();
    const { session, handle, close } = bound(server.service(peer));
    session.receive(fromLatin1(`a LOGIN joe secret\r\nb SELECT INBOX\r\nc ${command}\r\n`));
    let total = 0;
    let most = 0;
    const take = (): void => {
      let held = 0;
      for (let bytes = session.takeOutput(); bytes; bytes = session.takeOutput()) held += bytes.length;
      total += held;
      most = Math.max(most, held);
    };
    for (let event = session.next(); event; event = session.next()) {
      if (event.type === 'close' || event.type === 'start-tls') break;
      let over = false;
      const handled = handle(event).finally(() => {
        over = true;
      });
      while (!over) {
        await new Promise((resolve) => setImmediate(resolve));
        if (!peer.waiting) continue;
        take();
        const { waiting } = peer;
        peer.waiting = undefined;
        waiting();
      }
      await handled;
      take();
    }
    expect(total).toBeGreaterThan(atLeast);
    expect(most).toBeLessThan(300_000);
    await close();
  });

  it('and goes away in the middle of a message: the answer is given up', async () => {
    const peer = new SlowPeer();
    const { session, handle, close } = bound(server.service(peer));
    session.receive(fromLatin1('a LOGIN joe secret\r\nb SELECT INBOX\r\nc FETCH 1 BODY.PEEK[]\r\n'));
    for (let event = session.next(); event; event = session.next()) {
      if (event.type === 'close' || event.type === 'start-tls') break;
      const handled = handle(event);
      if (event.type !== 'command' || event.command.name !== 'FETCH') {
        await handled;
        continue;
      }
      await expect.poll(() => peer.waiting).toBeDefined();
      await close();
      peer.waiting?.();
      await handled;
    }
  });
});

function bound(served: ReturnType<TestServer['service']>) {
  return { session: served.session, handle: served.handle.bind(served), close: served.close.bind(served) };
}
