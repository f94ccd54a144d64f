import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './harness.ts';

const message = (subject: string): string => `Subject: ${subject}\r\n\r\nx\r\n`;

describe('\\Recent', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it('RFC 3501 §2.3.2: is given to the first session that may write, and to no later one', async () => {
    const first = await server.connect();
    await first.say('a CREATE One\r\n');
    await server.deliver('One', [message('a'), message('b')]);
    expect(await first.say('b STATUS One (RECENT)\r\n')).toContain('(RECENT 2)');
    const look = await first.say('c EXAMINE One\r\n');
    expect(look).toContain('* 2 EXISTS\r\n* 2 RECENT\r\n');
    expect(await first.say('d SELECT One\r\n')).toContain('* 2 EXISTS\r\n* 2 RECENT\r\n');
    expect(await first.say('e FETCH 2 FLAGS\r\n')).toContain('* 2 FETCH (FLAGS (\\Recent))');
    expect(await first.say('f STORE 2 FLAGS (\\Seen)\r\n')).toContain('* 2 FETCH (FLAGS (\\Seen \\Recent))');
    const second = await server.connect();
    expect(await second.say('a SELECT One\r\n')).toContain('* 2 EXISTS\r\n* 0 RECENT\r\n');
    expect(await second.say('b FETCH 2 FLAGS\r\n')).toContain('* 2 FETCH (FLAGS (\\Seen))');
    expect(await second.say('c STATUS One (RECENT)\r\n')).toContain('(RECENT 0)');
  });

  it('RFC 3501 §7.3.2: RECENT comes with EXISTS, and one session only is told', async () => {
    await server.account.createMailbox('Two');
    await server.deliver('Two', [message('a')]);
    const [first, second] = [await server.connect(), await server.connect()];
    await first.say('a SELECT Two\r\n');
    await second.say('a SELECT Two\r\n');
    await server.deliver('Two', [message('b')]);
    expect(await second.say('b NOOP\r\n')).toBe('* 2 EXISTS\r\n* 1 RECENT\r\nb OK NOOP completed\r\n');
    expect(await first.say('b NOOP\r\n')).toBe('* 2 EXISTS\r\n* 1 RECENT\r\nb OK NOOP completed\r\n');
    expect(await first.say('c FETCH 1:2 FLAGS\r\n')).toBe(
      '* 1 FETCH (FLAGS (\\Recent))\r\n* 2 FETCH (FLAGS ())\r\nc OK FETCH completed\r\n',
    );
    expect(await second.say('c FETCH 1:2 FLAGS\r\n')).toBe(
      '* 1 FETCH (FLAGS ())\r\n* 2 FETCH (FLAGS (\\Recent))\r\nc OK FETCH completed\r\n',
    );
  });

  it('RFC 3501 §6.4.4: RECENT, OLD and NEW', async () => {
    await server.account.createMailbox('Three');
    await server.deliver('Three', [message('a'), message('b')]);
    await (await server.connect()).say('a SELECT Three\r\n');
    await server.deliver('Three', [message('c')]);
    await server.deliver('Three', [message('d')], ['\\Seen']);
    const client = await server.connect();
    await client.say('a SELECT Three\r\n');
    const found = async (key: string): Promise<string> => (await client.say(`b SEARCH ${key}\r\n`)).split('\r\n')[0] ?? '';
    expect(await found('RECENT')).toBe('* SEARCH 3 4');
    expect(await found('OLD')).toBe('* SEARCH 1 2');
    expect(await found('NEW')).toBe('* SEARCH 3');
    expect(await found('RECENT SUBJECT d')).toBe('* SEARCH 4');
    expect(await found('OR RECENT SUBJECT a')).toBe('* SEARCH 1 3 4');
  });

  it('RFC 9051 appendix E: IMAP4rev2 knows neither RECENT nor \\Recent', async () => {
    await server.account.createMailbox('Four');
    await server.deliver('Four', [message('a')]);
    const client = await server.connect();
    await client.say('a ENABLE IMAP4rev2\r\n');
    expect(await client.say('b SELECT Four\r\n')).not.toMatch(/recent/i);
    await server.deliver('Four', [message('b')]);
    expect(await client.say('c NOOP\r\n')).toBe('* 2 EXISTS\r\nc OK NOOP completed\r\n');
    expect(await client.say('d FETCH 1:2 FLAGS\r\n')).not.toMatch(/recent/i);
  });
});

describe('keywords', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it('RFC 9051 §7.3.5: FLAGS tells of a keyword before any FETCH shows it, in every session', async () => {
    await server.deliver('INBOX', [message('a'), message('b')]);
    const [first, second] = [await server.connect(), await server.connect()];
    await first.say('a SELECT INBOX\r\n');
    await second.say('a SELECT INBOX\r\n');
    const lines = async (answer: Promise<string>): Promise<readonly string[]> =>
      (await answer).split('\r\n').map((line) => line.replace(/ \(.*| \[P.*/, '').replace(/^(\w+ OK).*/, '$1'));
    const flags = ['* FLAGS', '* OK'];
    expect(await lines(first.say('b STORE 1 FLAGS (\\Seen foo)\r\n'))).toEqual([...flags, '* 1 FETCH', 'b OK', '']);
    expect(await lines(second.say('b FETCH 1 FLAGS\r\n'))).toEqual([...flags, '* 1 FETCH', 'b OK', '']);
    await first.say('c STORE 2 +FLAGS.SILENT (bar)\r\n');
    expect(await lines(second.say('c NOOP\r\n'))).toEqual([...flags, '* 2 FETCH', 'c OK', '']);
    await first.say('d STORE 2 +FLAGS.SILENT (baz)\r\n');
    expect(await lines(second.say('d FETCH 2 (BODY[] FLAGS)\r\n'))).toEqual([
      ...flags,
      '* 2 FETCH',
      'Subject: b',
      '',
      'x',
      ' FLAGS',
      'd OK',
      '',
    ]);
    await first.say('e STORE 1 +FLAGS.SILENT (qux)\r\n');
    expect(await lines(second.say('e FETCH 1 (ENVELOPE FLAGS)\r\n'))).toEqual([...flags, '* 1 FETCH', 'e OK', '']);
    expect(await lines(second.say('f FETCH 1 (ENVELOPE FLAGS)\r\n'))).toEqual(['* 1 FETCH', 'f OK', '']);
  });
});
