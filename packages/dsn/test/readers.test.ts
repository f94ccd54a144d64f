// What others read in our reports: Sisimai, which sorts bounces for senders of much mail, and Python's email package. Skipped where they
// are not installed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHeaderFields } from '@mox/message-format';
import { fromUtf8, ManualClock, systemRandom } from '@mox/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { type DeliveryAction, formatStatusCode, makeDsn, makeMdn, makeNotification, makeRecipientStatus, parseDsn } from '../src/index.ts';

function runs(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const sisimai = runs('perl', '-MSisimai', '-MJSON::PP', '-e', '1');
const python = runs('python3', '-c', 'import email.policy');

const options = { clock: new ManualClock(Date.UTC(2026, 10, 23, 10)), random: systemRandom };
const original = fromUtf8(
  'From: jane@example.org\r\nTo: joe@example.com\r\nSubject: Lunch\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nAt noon.\r\n',
);

function makeReport(reply: string, action: DeliveryAction, give: 'full' | 'headers'): Uint8Array {
  const recipient = makeRecipientStatus({
    recipient: 'joe@example.com',
    originalRecipient: { type: 'rfc822', address: 'lunch@example.com' },
    action,
    remote: { name: 'mail.example.com', reply },
    lastAttemptAt: Date.UTC(2026, 10, 23, 9, 30),
  });
  const dsn = makeDsn(
    {
      status: { reportingMta: { type: 'dns', name: 'mx.example.net' }, recipients: [recipient], extensions: [] },
      from: 'postmaster@mx.example.net',
      to: 'jane@example.org',
      original: { message: original, give },
      originalMessageId: '1@example.org',
    },
    options,
  );
  return dsn.bytes();
}

const folder = mkdtempSync(join(tmpdir(), 'mox-dsn-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function store(message: Uint8Array): string {
  const path = join(folder, `${Math.trunc(performance.now() * 1000)}.eml`);
  writeFileSync(path, message);
  return path;
}

const perl = `my $found = Sisimai->make($ARGV[0], delivered => 1);
print JSON::PP->new->canonical->encode([map { { recipient => $_->recipient->address, alias => $_->alias, action => $_->action,
  status => $_->deliverystatus, reply => $_->replycode, reason => $_->reason, remote => $_->rhost, messageId => $_->messageid,
  sender => $_->addresser->address, subject => $_->subject } } @{ $found || [] }]);`;

/** What Sisimai makes of a message. */
function readBySisimai(message: Uint8Array): unknown {
  return JSON.parse(execFileSync('perl', ['-MSisimai', '-MJSON::PP', '-e', perl, store(message)], { encoding: 'utf8' }));
}

describe.skipIf(!sisimai)('Sisimai (skipped where it is not installed)', () => {
  it.each([
    ['550 5.1.1 No such user', 'failed', '5.1.1', 'userunknown'],
    ['552 5.2.2 mailbox full', 'failed', '5.2.2', 'mailboxfull'],
    ['552 5.3.4 too big', 'failed', '5.3.4', 'mesgtoobig'],
    ['550 5.1.2 no such domain', 'failed', '5.1.2', 'hostunknown'],
    ['550-5.7.1 message refused\r\n550 5.7.1 by policy', 'failed', '5.7.1', undefined],
    ['421 4.4.1 timed out', 'delayed', '4.4.1', 'expired'],
    ['250 2.1.5 taken', 'relayed', '2.1.5', 'delivered'],
  ] as const)('RFC 3464 §2.3: reads who and why: %j', (reply, action, status, reason) => {
    for (const give of ['headers', 'full'] as const) {
      expect(readBySisimai(makeReport(reply, action, give))).toMatchObject([
        {
          ...{ recipient: 'joe@example.com', alias: 'lunch@example.com', action, status, reply: reply.slice(0, 3) },
          ...{ remote: 'mail.example.com', messageId: '1@example.org', sender: 'jane@example.org', subject: 'Lunch' },
          ...(reason && { reason }),
        },
      ]);
    }
  });

  it('reads in a bounce of qmail what we read', () => {
    const bounce = fromUtf8(
      "From: MAILER-DAEMON@mx.example\r\nTo: jane@example.org\r\nSubject: failure notice\r\nDate: 23 Nov 2026 10:00:00 -0000\r\nReceived: (qmail 1 invoked for bounce); 23 Nov 2026 10:00:00 -0000\r\n\r\nHi. This is the qmail-send program at mx.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n<joe@example.com>:\r\n192.0.2.1 does not like recipient.\r\nRemote host said: 550 5.1.1 User unknown\r\nGiving up on 192.0.2.1.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nReturn-Path: <jane@example.org>\r\nFrom: jane@example.org\r\nTo: joe@example.com\r\nSubject: Lunch\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nAt noon.\r\n",
    );
    const ours = parseDsn(bounce)?.status.recipients.map(({ finalRecipient, status, remoteMta }) => ({
      recipient: finalRecipient.address,
      status: formatStatusCode(status),
      remote: remoteMta?.name,
    }));
    expect(ours).toEqual([{ recipient: 'joe@example.com', status: '5.1.1', remote: '192.0.2.1' }]);
    expect(readBySisimai(bounce)).toMatchObject(ours ?? []);
  });
});

const script = `import email, email.policy, json, sys
message = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
parts = [part for part in message.walk()]
report = next(part for part in parts if part.get_content_type() in sys.argv[2:])
groups = [{name.lower(): str(value) for name, value in group.items()} for group in report.get_payload() if len(group.keys())]
defects = [str(defect) for part in parts for defect in part.defects]
print(json.dumps({'type': message.get_content_type(), 'report': message.get_param('report-type'),
  'parts': [part.get_content_type() for part in message.iter_parts()], 'groups': groups, 'defects': defects}))`;

function readByPython(message: Uint8Array, type: string): unknown {
  return JSON.parse(execFileSync('python3', ['-c', script, store(message), type], { encoding: 'utf8' }));
}

describe.skipIf(!python)("Python's email package (skipped where Python is not installed)", () => {
  it('RFC 6522 §3, RFC 3464 §2: a delivery status notification', () => {
    expect(readByPython(makeReport('550 5.1.1 No such user', 'failed', 'full'), 'message/delivery-status')).toMatchObject({
      type: 'multipart/report',
      report: 'delivery-status',
      parts: ['text/plain', 'message/delivery-status', 'message/rfc822'],
      groups: [
        { 'reporting-mta': 'dns; mx.example.net' },
        {
          'final-recipient': 'rfc822; joe@example.com',
          action: 'failed',
          status: '5.1.1',
          'diagnostic-code': 'smtp; 550 5.1.1 No such user',
        },
      ],
      defects: [],
    });
  });

  it('RFC 8098 §3: a disposition notification', () => {
    const disposition = { actionMode: 'manual-action', sendingMode: 'MDN-sent-manually', type: 'displayed', modifiers: [] } as const;
    const notification = makeNotification({
      headers: parseHeaderFields(original),
      recipient: 'joe@example.com',
      disposition,
      reportingUa: 'mox',
    });
    const mdn = makeMdn({ notification, from: 'joe@example.com', to: ['jane@example.org'], original }, options).bytes();
    expect(readByPython(mdn, 'message/disposition-notification')).toMatchObject({
      type: 'multipart/report',
      report: 'disposition-notification',
      parts: ['text/plain', 'message/disposition-notification', 'text/rfc822-headers'],
      groups: [
        {
          'reporting-ua': 'mox',
          'final-recipient': 'rfc822; joe@example.com',
          'original-message-id': '<1@example.org>',
          disposition: 'manual-action/MDN-sent-manually; displayed',
        },
      ],
      defects: [],
    });
  });
});
