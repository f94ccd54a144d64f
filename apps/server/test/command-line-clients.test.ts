// Clients that people use on the command line.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMailbox, withImap } from './support/imap-reader.ts';
import { generatedMessages, numberedMessage, vectorMessages } from './support/messages.ts';
import { describeProgram, run } from './support/programs.ts';
import { ensureBuilt, type ServerProcess, startServer } from './support/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mox-clients-'));
let server: ServerProcess;

beforeAll(async () => {
  await ensureBuilt();
  server = await startServer();
});

afterAll(async () => {
  expect(await server?.stop()).toBe(0);
  rmSync(folder, { recursive: true });
});

async function subjects(path: string = 'INBOX'): Promise<string[]> {
  return (await readMailbox(server, path)).map((message) => /^Subject: (.*)\r$/im.exec(message.toString('latin1'))?.[1] ?? '');
}

const perlTls = ['perl', '-MNet::SSLeay', '-e', '1'];

function swaksTests(): void {
  it('sends without a login to port smtp', async () => {
    const words = [
      '--server',
      `127.0.0.1:${server.ports.smtp}`,
      '--from',
      'a@example.org',
      '--to',
      'anyone@anywhere.example',
      '--header',
      'Subject: by swaks',
    ];
    expect(await run('swaks', words)).toMatchObject({ code: 0 });
    expect(await subjects()).toContain('by swaks');
  });

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('submits with STARTTLS and %s, where it is offered', async (mechanism) => {
    const login = ['--auth', mechanism, '--auth-user', server.user, '--auth-password', server.password];
    const words = ['--server', `127.0.0.1:${server.ports.submission}`, '-tls', ...login, '--from', server.user, '--to', 'b@example.org'];
    const { code, out } = await run('swaks', [...words, '--header', `Subject: swaks ${mechanism}`]);
    if (mechanism === 'CRAM-MD5') expect(code).toBe(28);
    else {
      expect(out).toContain('235 2.7.0');
      expect(await subjects()).toContain(`swaks ${mechanism}`);
    }
  });

  it('submits over TLS, and pipelines', async () => {
    const login = ['--auth', 'PLAIN', '--auth-user', server.user, '--auth-password', server.password];
    const words = [
      '--server',
      `127.0.0.1:${server.ports.submissions}`,
      '-tlsc',
      '--pipeline',
      ...login,
      '--from',
      server.user,
      '--to',
      'b@example.org',
    ];
    expect(await run('swaks', words)).toMatchObject({ code: 0 });
  });
}

describeProgram('swaks', 'swaks libnet-ssleay-perl', swaksTests, perlTls);

describeProgram('curl', 'curl', () => {
  it('sends, lists and reads', async () => {
    const file = join(folder, 'mail.txt');
    writeFileSync(file, 'Subject: by curl\r\n\r\nHello from curl.\r\n');
    const sent = await run('curl', [
      '-sS',
      `smtp://127.0.0.1:${server.ports.smtp}`,
      '--mail-from',
      'c@example.org',
      '--mail-rcpt',
      'mox@localhost',
      '-T',
      file,
    ]);
    expect(sent).toMatchObject({ code: 0 });
    const at = (await subjects()).indexOf('by curl') + 1;
    const read = await run('curl', [
      '-ksS',
      `imaps://127.0.0.1:${server.ports.imaps}/INBOX;MAILINDEX=${at}`,
      '-u',
      `${server.user}:${server.password}`,
    ]);
    expect(read.out).toContain('Hello from curl.');
    const starttls = ['-ksS', '--ssl-reqd', `imap://127.0.0.1:${server.ports.imap}/`, '-u', `${server.user}:${server.password}`];
    expect((await run('curl', starttls)).out).toMatch(/^\* LIST \(.*\) "\/" "?INBOX"?\r$/m);
    const search = [
      `imaps://127.0.0.1:${server.ports.imaps}/INBOX?SUBJECT%20%22by%20curl%22`,
      '-ksS',
      '-u',
      `${server.user}:${server.password}`,
    ];
    expect((await run('curl', search)).out).toContain(`* SEARCH ${at}`);
  });

  it.each(['PLAIN', 'LOGIN'])('submits with AUTH=%s', async (mechanism) => {
    const file = join(folder, `${mechanism}.txt`);
    writeFileSync(file, `Subject: curl ${mechanism}\r\n\r\nx\r\n`);
    const options = ['--login-options', `AUTH=${mechanism}`, '-u', `${server.user}:${server.password}`, '--mail-from', server.user];
    const words = [
      '-ksS',
      '--ssl-reqd',
      `smtp://127.0.0.1:${server.ports.submission}`,
      ...options,
      '--mail-rcpt',
      'mox@localhost',
      '-T',
      file,
    ];
    expect(await run('curl', words)).toMatchObject({ code: 0 });
    expect(await subjects()).toContain(`curl ${mechanism}`);
  });
});

describeProgram('msmtp', 'msmtp', () => {
  it.each(['plain', 'login', 'scram-sha-1', 'scram-sha-256'])('submits with %s', async (mechanism) => {
    const options = [
      '--host=127.0.0.1',
      `--port=${server.ports.submission}`,
      '--tls=on',
      '--tls-starttls=on',
      '--tls-certcheck=off',
      `--auth=${mechanism}`,
      `--user=${server.user}`,
      `--passwordeval=echo ${server.password}`,
      `--from=${server.user}`,
    ];
    const message = `From: ${server.user}\nTo: b@example.org\nSubject: msmtp ${mechanism}\n\nHello.\n`;
    expect(await run('msmtp', [...options, 'b@example.org'], { input: message })).toMatchObject({ code: 0, error: '' });
    expect(await subjects()).toContain(`msmtp ${mechanism}`);
  });
});

const pythonScript = `
import imaplib, smtplib, ssl, sys
smtp_port, imaps_port, imap_port, user, password = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
context = ssl._create_unverified_context()
with smtplib.SMTP('127.0.0.1', smtp_port) as smtp:
    smtp.starttls(context=context)
    smtp.login(user, password)
    refused = smtp.sendmail(user, ['one@example.org', 'two@example.org'], b'Subject: by python\\r\\n\\r\\nHello.\\r\\n')
    assert refused == {}, refused
with imaplib.IMAP4('127.0.0.1', imap_port) as imap:
    imap.starttls(ssl_context=context)
    imap.login(user, password)
with imaplib.IMAP4_SSL('127.0.0.1', imaps_port, ssl_context=context) as imap:
    imap.login(user, password)
    assert imap.create('Python')[0] == 'OK'
    assert imap.subscribe('Python')[0] == 'OK'
    for i in range(20):
        typ, data = imap.append('Python', '(\\\\Flagged)' if i % 2 else None, imaplib.Time2Internaldate(1700000000 + i), b'Subject: %d\\r\\n\\r\\nbody %d\\r\\n' % (i, i))
        assert typ == 'OK', data
    typ, data = imap.select('Python')
    assert data == [b'20'], data
    typ, data = imap.search(None, 'FLAGGED')
    assert data[0].split() == [b'%d' % n for n in range(2, 21, 2)], data
    typ, data = imap.uid('SEARCH', None, '(SUBJECT "17")')
    assert data == [b'18'], data
    typ, data = imap.fetch('3', '(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[] BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.8>)')
    assert any(isinstance(part, tuple) and part[1] == b'Subject: 2\\r\\n\\r\\nbody 2\\r\\n' for part in data), data
    assert any(isinstance(part, tuple) and part[1] == b'Subject:' for part in data), data
    assert imap.store('1:5', '+FLAGS', r'(\\Deleted)')[0] == 'OK'
    typ, data = imap.expunge()
    assert data == [b'1'] * 5 or data == [b'5', b'4', b'3', b'2', b'1'], data
    assert imap.copy('1:3', 'Archive')[0] == 'OK'
    typ, data = imap.status('Python', '(MESSAGES UIDNEXT UNSEEN)')
    assert b'MESSAGES 15' in data[0] and b'UIDNEXT 21' in data[0], data
    assert imap.rename('Python', 'Snake')[0] == 'OK'
    assert any(b'Snake' in line for line in imap.list()[1])
    assert imap.close()[0] == 'OK'
    assert imap.delete('Snake')[0] == 'OK'
    typ, data = imap.select('NoSuchMailbox')
    assert typ == 'NO', data
print('fine')
`;

describeProgram('python3', 'python3', () => {
  it('smtplib and imaplib do their everyday work', async () => {
    const words = [server.ports.submission, server.ports.imaps, server.ports.imap, server.user, server.password].map(String);
    expect(await run('python3', ['-c', pythonScript, ...words])).toMatchObject({ code: 0, error: '', out: 'fine\n' });
  });
});

describeProgram('mutt', 'mutt', () => {
  /** Presses keys in mutt by its own \`push\`, on a terminal that script(1) makes. */
  async function mutt(home: string, url: string, keys: string, more: string = ''): Promise<void> {
    const settings = [
      `set imap_user="${server.user}" imap_pass="${server.password}" ssl_verify_host=no ssl_verify_dates=no`,
      `set certificate_file="${home}/certificates" ssl_starttls=yes ssl_force_tls=yes wait_key=no delete=yes mark_old=no`,
      `set header_cache="" mail_check=0 quit=yes confirmappend=no copy=no`,
      more,
      `push '${keys}'`,
    ];
    writeFileSync(join(home, 'muttrc'), `${settings.join('\n')}\n`);
    writeFileSync(join(home, 'certificates'), readFileSync(join(server.directory, 'tls/certificate.pem')));
    const command = `mutt -n -F ${home}/muttrc -f '${url}'`;
    const ran = await run('script', ['-qec', command, '/dev/null'], {
      env: { TERM: 'xterm', HOME: home, LC_ALL: 'C.UTF-8' },
      timeoutMilliseconds: 20_000,
    });
    expect(ran.code, ran.out).toBe(0);
  }

  it.each(['', 'plain', 'login', 'scram-sha-1', 'scram-sha-256'])('logs in (%s), reads, flags, saves and deletes', async (mechanism) => {
    const home = join(folder, `mutt${mechanism}`);
    const box = `Mutt${mechanism.replaceAll('-', '')}`;
    mkdirSync(join(home, 'Mail'), { recursive: true }); // mutt would ask whether to make it
    await withImap(server, async (client) => {
      await client.mailboxCreate(box);
      for (let i = 0; i < 3; i++) await client.append(box, numberedMessage(`mutt ${i}`));
    });
    const authenticators = mechanism ? `set imap_authenticators="${mechanism}"` : '';
    const url = `imaps://127.0.0.1:${server.ports.imaps}/${box}`;
    // flag the first; read the second; save the third to Archive; leave with changes written
    await mutt(
      home,
      url,
      '<first-entry><flag-message><first-entry><next-entry><display-message><exit><last-entry><delete-message><quit>',
      authenticators,
    );
    await withImap(server, async (client) => {
      await client.mailboxOpen(box);
      const messages = await client.fetchAll('1:*', { flags: true, envelope: true });
      const flags = messages.map((message) => `${message.envelope?.subject}: ${[...(message.flags ?? [])].toSorted().join(' ')}`);
      expect(flags).toEqual(['message mutt 0: \\Flagged', 'message mutt 1: \\Seen']);
    });
  });
});

describeProgram('mbsync', 'isync', () => {
  const maildir = join(folder, 'maildir');
  const count = 300;

  async function sync(): Promise<string> {
    const config = join(folder, 'mbsyncrc');
    const account = [
      'IMAPAccount mox',
      'Host 127.0.0.1',
      `Port ${server.ports.imaps}`,
      `User ${server.user}`,
      `Pass ${server.password}`,
      'SSLType IMAPS',
    ];
    const certificate = join(server.directory, 'tls/certificate.pem');
    const stores = [
      'IMAPStore remote',
      'Account mox',
      '',
      'MaildirStore local',
      'SubFolders Verbatim',
      `Path ${maildir}/`,
      `Inbox ${maildir}/INBOX`,
    ];
    const channel = [
      'Channel all',
      'Far :remote:',
      'Near :local:',
      'Patterns Sync Sync2',
      'Create Both',
      'Remove Both',
      'Expunge Both',
      'SyncState *',
    ];
    writeFileSync(config, `${[...account, `CertificateFile ${certificate}`, '', ...stores, '', ...channel].join('\n')}\n`);
    const ran = await run('mbsync', ['-c', config, '-V', '-a'], { timeoutMilliseconds: 120_000, env: { HOME: folder } });
    expect(ran.code, `${ran.out}\n${ran.error}`).toBe(0);
    return `${ran.out}\n${ran.error}`;
  }

  /** Local messages: subject to flags, as maildir writes them. */
  function localMessages(box: string): Map<string, string> {
    const files = ['cur', 'new'].flatMap((part) => readdirSync(join(maildir, box, part)).map((file) => join(maildir, box, part, file)));
    return new Map(files.map((file) => [/^Subject: (.*)$/im.exec(readFileSync(file, 'latin1'))?.[1]?.trim() ?? '', file]));
  }

  async function remoteMessages(box: string): Promise<Map<string, string>> {
    return withImap(server, async (client) => {
      const { exists } = await client.mailboxOpen(box);
      const messages = exists === 0 ? [] : await client.fetchAll('1:*', { flags: true, envelope: true });
      return new Map(
        messages.map((message) => [
          message.envelope?.subject ?? '',
          [...(message.flags ?? [])]
            .filter((flag) => flag !== '\\Recent')
            .toSorted()
            .join(' '),
        ]),
      );
    });
  }

  const maildirFlags: Readonly<Record<string, string>> = { S: '\\Seen', F: '\\Flagged', R: '\\Answered', T: '\\Deleted', D: '\\Draft' };

  async function expectSame(box: string): Promise<void> {
    const local = new Map(
      [...localMessages(box)].map(([subject, file]) => {
        const letters = /:2,([A-Z]*)$/.exec(file)?.[1] ?? '';
        return [
          subject,
          [...letters]
            .map((letter) => maildirFlags[letter] ?? letter)
            .toSorted()
            .join(' '),
        ];
      }),
    );
    expect(Object.fromEntries(local)).toEqual(Object.fromEntries(await remoteMessages(box)));
  }

  /** All that a run could change, on both sides. */
  async function everything(): Promise<unknown> {
    const files = readdirSync(maildir, { recursive: true, encoding: 'utf8' }).toSorted();
    const statuses = await withImap(server, (client) =>
      Promise.all(['Sync', 'Sync2'].map((box) => client.status(box, { messages: true, uidNext: true, unseen: true, highestModseq: true }))),
    );
    return { files, statuses };
  }

  it(`syncs ${count} messages both ways: flags, moves, deletes; a second run finds nothing to do`, async () => {
    mkdirSync(maildir);
    const shapes = [...generatedMessages(), ...vectorMessages()].filter(
      ({ bytes }) => !bytes.includes(0) && bytes.includes('\r\n\r\n'), // mbsync passes over a message whose header does not end
    );
    await withImap(server, async (client) => {
      await client.mailboxCreate('Sync');
      await client.mailboxCreate('Sync2');
      for (let i = 0; i < count; i++) await client.append('Sync', numberedMessage(`sync ${i}`, (i % 20) * 300), i % 3 ? [] : ['\\Seen']);
    });
    await sync();
    expect(localMessages('Sync').size).toBe(count);
    await expectSame('Sync');

    const files = localMessages('Sync');
    const file = (i: number): string => files.get(`message sync ${i}`) ?? '';
    const withFlags = (path: string, flags: string): string => `${path.replace('/new/', '/cur/').replace(/:2,[A-Z]*$/, '')}:2,${flags}`;
    for (let i = 0; i < 20; i++) renameSync(file(i), withFlags(file(i), 'FRS'));
    for (let i = 20; i < 40; i++) unlinkSync(file(i));
    for (let i = 40; i < 60; i++) renameSync(file(i), join(maildir, 'Sync2/new', `moved-${i}.local`));
    for (const [i, shape] of shapes.entries()) {
      writeFileSync(join(maildir, 'Sync2/new', `shape-${i}.local`), shape.bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    }
    await withImap(server, async (client) => {
      await client.mailboxOpen('Sync');
      await client.messageFlagsAdd('61:80', ['\\Flagged'], { uid: true });
      await client.messageMove('81:100', 'Sync2', { uid: true });
      await client.messageDelete('101:120', { uid: true });
    });
    await sync();
    await sync();
    await expectSame('Sync');
    expect((await remoteMessages('Sync')).get('message sync 3')).toBe('\\Answered \\Flagged \\Seen');
    expect(localMessages('Sync').size).toBe(count - 80);
    const status = await withImap(server, (client) => client.status('Sync2', { messages: true }));
    expect(status).toMatchObject({ messages: 40 + shapes.length });
    const before = await everything();
    await sync();
    expect(await everything()).toEqual(before);
  }, 180_000);
});

describe('clients', () => {
  it('nothing they did was a fault of the server', () => {
    expect(server.log()).not.toMatch(/ error /);
  });
});
