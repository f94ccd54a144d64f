// The server beside postfix with dovecot, on the same machine in the same run, with the same mail.
// node --conditions=@mox/source apps/server/bench/server.bench.ts [smtp] [imap] [idle]; MOX_BENCH_SECONDS, MOX_BENCH_MESSAGES
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, fdatasyncSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { numberedMessage } from '../test/support/messages.ts';
import { ensureBuilt, freePortOffset, type ServerProcess, startServer } from '../test/support/server-process.ts';
import { SmtpPeer } from '../test/support/smtp-peer.ts';
import { everydayMessage } from './everyday-message.ts';
import { ImapBench, sendMail } from './load.ts';
import { type ReferenceServers, referenceServersProblem, startReferenceServers } from './reference-servers.ts';

const milliseconds = Number(process.env['MOX_BENCH_SECONDS'] ?? 4) * 1_000;
const mailboxSizes = (process.env['MOX_BENCH_MESSAGES'] ?? '10000,50000').split(',').map(Number);
const chosen = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'mox-bench-'));
chmodSync(folder, 0o755); // other users' programs keep their data below

function wanted(part: string): boolean {
  return chosen.length === 0 || chosen.includes(part);
}

function row(name: string, cells: Readonly<Record<string, string | number>>): void {
  const text = Object.entries(cells).map(
    ([label, value]) => `${label} ${typeof value === 'number' ? value.toFixed(value < 100 ? 1 : 0) : value}`,
  );
  console.log(`${name} | ${text.join(' | ')}`);
}

function ratio(a: number, b: number): string {
  return Number.isFinite(a / b) ? `${(a / b).toFixed(2)}x` : '-';
}

/** Writes of 4 KB with fdatasync, one after the other: what the disk itself can do. */
function syncsPerSecond(): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const block = Buffer.alloc(4_096, 'x');
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < 2_000) {
    writeSync(file, block);
    fdatasyncSync(file);
    count++;
  }
  closeSync(file);
  return count / ((performance.now() - started) / 1_000);
}

async function messagesIn(reference: ReferenceServers, path: string): Promise<number> {
  const folderOf = path === 'INBOX' ? '' : `.${path}`;
  const mail = join(folder, 'reference/dovecot/mail', reference.user, folderOf);
  let count = 0;
  for (const part of ['new', 'cur']) {
    try {
      count += readdirSync(join(mail, part)).length;
    } catch {
      // not there before the first delivery
    }
  }
  return count;
}

/** Messages a second until the last one is in dovecot's mailbox, as ours are when they are acknowledged. */
async function referenceRow(
  reference: ReferenceServers,
  connections: number,
  message: Buffer,
): Promise<{ accepted: number; delivered: number }> {
  const before = await messagesIn(reference, 'INBOX');
  const { perSecond, count, startedAt } = await sendMail({
    port: reference.smtpPort,
    to: reference.address,
    connections,
    message,
    milliseconds,
  });
  while ((await messagesIn(reference, 'INBOX')) - before < count) await sleep(10);
  return { accepted: perSecond, delivered: count / ((performance.now() - startedAt) / 1_000) };
}

async function benchSmtp(server: ServerProcess, reference: ReferenceServers | undefined): Promise<void> {
  for (const size of [4_000, 100_000]) {
    const message = numberedMessage('bench', size);
    for (const connections of [1, 10, 50]) {
      const syncs = syncsPerSecond();
      const theirs = reference && (await referenceRow(reference, connections, message));
      const ours = await sendMail({ port: server.ports.smtp, to: 'bench@localhost', connections, message, milliseconds });
      row(`SMTP ${size / 1_000} KB, ${connections} connections`, {
        'mox msg/s': ours.perSecond,
        'fdatasync/s': syncs,
        'mox per fdatasync': ratio(ours.perSecond, syncs),
        ...(theirs
          ? {
              'postfix took/s': theirs.accepted,
              'postfix+dovecot delivered/s': theirs.delivered,
              'mox to postfix': ratio(ours.perSecond, theirs.accepted),
              'mox to postfix+dovecot': ratio(ours.perSecond, theirs.delivered),
            }
          : {}),
      });
    }
  }
}

/** Fills a mailbox by MULTIAPPEND (RFC 3502). */
async function fill(client: ImapBench, mailbox: string, count: number): Promise<void> {
  await client.command(`CREATE ${mailbox}`);
  const batch = 100;
  for (let at = 0; at < count; at += batch) {
    const pieces: Buffer[] = [Buffer.from(`APPEND ${mailbox}`)];
    for (let i = at; i < Math.min(count, at + batch); i++) {
      const message = everydayMessage(i, i % 10 ? 2_000 + (i % 7) * 500 : 60_000);
      pieces.push(Buffer.from(` (${i % 3 ? '\\Seen' : '\\Flagged'}) {${message.length}+}\r\n`), message);
    }
    await client.command(Buffer.concat(pieces));
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Medians of at least five rounds; of many where a command is so short that the first rounds are code that has not run before. */
async function measure(clients: Readonly<Record<string, ImapBench>>, command: string, before?: string): Promise<Record<string, number>> {
  const samples: Record<string, number[]> = {};
  const started = performance.now();
  for (let round = 0; round < 5 || (round < 100 && performance.now() - started < 1_000); round++) {
    for (const [name, client] of Object.entries(clients)) {
      if (before) await client.command(before);
      (samples[name] ??= []).push((await client.command(command)).milliseconds);
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));
}

/** Fields that a client shows in a list, and those that one asks for when it opens a folder for the first time. */
const listFields = 'FROM TO SUBJECT DATE';
const openFields =
  'From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To List-Unsubscribe';

async function benchImap(server: ServerProcess, reference: ReferenceServers | undefined): Promise<void> {
  const clients: Record<string, ImapBench> = { mox: await ImapBench.open(server.ports.imap, server.user, server.password) };
  if (reference) clients['dovecot'] = await ImapBench.open(reference.imapPort, reference.user, reference.password);
  for (const count of mailboxSizes) {
    const mailbox = `bench${count}`;
    for (const [name, client] of Object.entries(clients)) {
      const started = performance.now();
      await fill(client, mailbox, count);
      row(`${name}: APPEND of ${count}`, { 'msg/s': count / ((performance.now() - started) / 1_000) });
    }
    const rows: readonly (readonly [string, string, string?])[] = [
      ['SELECT', `SELECT ${mailbox}`, 'NOOP'],
      ['FETCH 1:* (FLAGS)', 'FETCH 1:* (FLAGS)'],
      ['FETCH 1:* (UID FLAGS)', 'FETCH 1:* (UID FLAGS)'],
      ['FETCH 1:* (ENVELOPE)', 'FETCH 1:* (ENVELOPE)'],
      ['FETCH 1:* (BODYSTRUCTURE)', 'FETCH 1:* (BODYSTRUCTURE)'],
      ['FETCH 1:* (header fields of a list)', `FETCH 1:* (BODY.PEEK[HEADER.FIELDS (${listFields})])`],
      ['UID FETCH 1:* (as a client opens a folder)', `UID FETCH 1:* (UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (${openFields})])`],
      ['FETCH 1:* (HEADER.FIELDS.NOT)', 'FETCH 1:* (BODY.PEEK[HEADER.FIELDS.NOT (RECEIVED)])'],
      ['FETCH 1:* (BODY.PEEK[HEADER])', 'FETCH 1:* (BODY.PEEK[HEADER])'],
      ['FETCH 1:2000 (BODY.PEEK[])', 'FETCH 1:2000 (BODY.PEEK[])'],
      ['UID SEARCH UNSEEN', 'UID SEARCH UNSEEN'],
      ['FETCH 1:2000 (BODY.PEEK[TEXT]<0.200>)', 'FETCH 1:2000 (BODY.PEEK[TEXT]<0.200>)'],
      ['FETCH 1:* (UID INTERNALDATE RFC822.SIZE)', 'FETCH 1:* (UID INTERNALDATE RFC822.SIZE)'],
      ['UID SEARCH SUBJECT 4999', 'UID SEARCH SUBJECT "message 4999"'],
      ['UID SEARCH HEADER', 'UID SEARCH HEADER Message-ID "<4999@test.example>"'],
      ['UID SEARCH HEADER of another field', 'UID SEARCH HEADER X-Mailer "4999"'],
      ['UID SEARCH SENTSINCE', 'UID SEARCH SENTSINCE 1-Dec-2026'],
      ['UID SEARCH SINCE', 'UID SEARCH SINCE 1-Dec-2026'],
      ['UID SEARCH TEXT', 'UID SEARCH TEXT "nowhere"'],
      ['UID SEARCH BODY', 'UID SEARCH BODY "nowhere"'],
      ['STORE 1:* +FLAGS', 'STORE 1:* +FLAGS (\\Answered)', 'STORE 1:* -FLAGS (\\Answered)'],
      ['STORE 1:* FLAGS.SILENT', 'STORE 1:* +FLAGS.SILENT (\\Answered)', 'STORE 1:* -FLAGS.SILENT (\\Answered)'],
      ['STORE of one', 'STORE 1 +FLAGS (\\Answered)', 'STORE 1 -FLAGS (\\Answered)'],
      ['STATUS', `STATUS INBOX (MESSAGES UNSEEN UIDNEXT)`],
      ['LIST', 'LIST "" *'],
      ['NOOP', 'NOOP'],
    ];
    for (const [name, command, before] of rows) {
      const ms = await measure(clients, command, before);
      row(`${count}: ${name}`, {
        'mox ms': ms['mox'] ?? Number.NaN,
        ...(ms['dovecot'] ? { 'dovecot ms': ms['dovecot'], 'times as fast': ratio(ms['dovecot'], ms['mox'] ?? Number.NaN) } : {}),
      });
    }
  }
  for (const client of Object.values(clients)) client.close();
}

/** Memory of dovecot's processes: each page counted once. */
function dovecotBytes(): number {
  const pids = execFileSync('sh', ['-c', `pgrep -f '^(dovecot|imap|imap-login|anvil|auth|log|config|stats)' || pgrep dovecot || true`], {
    encoding: 'utf8',
  });
  let total = 0;
  for (const pid of pids.split('\n').filter(Boolean)) {
    try {
      total += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1_024;
    } catch {
      // gone already
    }
  }
  return total;
}

async function idleConnections(count: number, open: () => Promise<ImapBench>): Promise<ImapBench[]> {
  const clients: ImapBench[] = [];
  for (let at = 0; at < count; at += 20) {
    const batch = await Promise.all(Array.from({ length: Math.min(20, count - at) }, open));
    for (const client of batch) await client.command('SELECT INBOX');
    for (const client of batch) await client.idle();
    clients.push(...batch);
  }
  return clients;
}

/** Connections that did the TLS handshake, and wait for the client's first word. */
async function idleTls(port: number, count: number): Promise<() => void> {
  const sockets: TLSSocket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await new Promise((resolve) => socket.once('data', resolve));
    sockets.push(socket);
  }
  return () => sockets.forEach((socket) => socket.destroy());
}

async function benchIdle(reference: ReferenceServers | undefined): Promise<void> {
  const count = 1_000;
  const portOffset = await freePortOffset();
  const started = performance.now();
  const starting = startServer({ portOffset });
  for (;;) {
    try {
      (await SmtpPeer.open(25 + portOffset)).close();
      break;
    } catch {
      await sleep(2);
    }
  }
  row('start-up', { 'ms to the first banner': performance.now() - started });
  const server = await starting;
  await sleep(1_000);
  const idle = server.residentBytes();
  row('memory idle', { 'mox MB': idle / 1e6 });
  const clients = await idleConnections(count, () => ImapBench.open(server.ports.imap, server.user, server.password));
  await sleep(1_000);
  const busy = server.residentBytes();
  for (const client of clients) client.close();
  const cells: Record<string, string | number> = { 'mox MB': busy / 1e6, 'mox KB each': (busy - idle) / count / 1_024 };
  if (reference) {
    const before = dovecotBytes();
    const theirs = await idleConnections(count, () => ImapBench.open(reference.imapPort, reference.user, reference.password));
    await sleep(1_000);
    cells['dovecot KB each'] = (dovecotBytes() - before) / count / 1_024;
    for (const client of theirs) client.close();
  }
  row(`${count} idle IMAP connections`, cells);
  await sleep(1_000);
  const again = server.residentBytes();
  const close = await idleTls(server.ports.imaps, count);
  row(`${count} TLS connections before login`, {
    'mox KB each, beyond what was freed before': (server.residentBytes() - again) / count / 1_024,
  });
  close();
  await server.stop();
}

await ensureBuilt();
const problem = referenceServersProblem();
if (problem) console.log(`without postfix and dovecot: ${problem}`);
const referenceOffset = await freePortOffset();
const referencePorts = { smtp: 25 + referenceOffset, imap: 143 + referenceOffset };
const reference = problem ? undefined : startReferenceServers(join(folder, 'reference'), referencePorts);
try {
  await sleep(1_000);
  if (wanted('idle')) await benchIdle(reference);
  const server = await startServer();
  if (wanted('smtp')) await benchSmtp(server, reference);
  if (wanted('imap')) await benchImap(server, reference);
  await server.stop();
} finally {
  reference?.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
