// What Sisimai, which sorts bounces for senders of much mail, and Python's email package read in our reports. Skipped where not installed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecipientOutcome } from '@mox/outbound';
import { fromUtf8, ManualClock, systemRandom } from '@mox/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { decideTelling, makeReport } from '../src/report.ts';

function runs(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'mox-queue-readers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const original = fromUtf8(
  'From: jane@example.org\r\nTo: joe@example.com\r\nSubject: Lunch\r\nMessage-ID: <1@example.org>\r\n\r\nAt noon.\r\n',
);

const outcomes: readonly RecipientOutcome[] = [
  {
    address: 'joe@example.com',
    status: 'failed',
    code: { class: 5, subject: 1, detail: 1 },
    problem: 'no such user',
    host: 'mail.example.com',
    reply: { code: 550, enhanced: '5.1.1', text: 'No such user' },
  },
  { address: 'ann@example.com', status: 'deferred', code: { class: 4, subject: 4, detail: 1 }, problem: 'no answer from 192.0.2.1' },
];

async function storeReport(): Promise<string> {
  const clock = new ManualClock(Date.UTC(2026, 10, 24));
  const told = outcomes.map((outcome) => ({ outcome, became: 'failed' }) as const);
  const row = {
    ...{ id: 'Q1', sender: 'jane@example.org', recipients: [], blobId: 'B1', sizeBytes: original.length, queuedAt: clock.now() },
    ...{ nextAttemptAt: 0, attempts: 1, parameters: {} },
  };
  const content = (async function* () {
    yield original;
  })();
  const parameters = { transactionId: 't1', nextHop: 'example.com', messageId: '1@example.org' };
  const made = await makeReport(
    decideTelling(row.sender, new Map(), told),
    { row, parameters, asked: new Map(), content, willRetryUntil: 0 },
    { clock, random: systemRandom, hostname: 'mx.example.net', returnedBytes: 1000 },
  );
  const path = join(folder, 'report.eml');
  writeFileSync(path, made.bytes);
  return path;
}

const perl = `my $found = Sisimai->make($ARGV[0]);
print JSON::PP->new->canonical->encode([map { [$_->recipient->address, $_->action, $_->deliverystatus, $_->reason] } @{ $found || [] }]);`;

describe.skipIf(!runs('perl', '-MSisimai', '-MJSON::PP', '-e', '1'))('Sisimai (skipped where it is not installed)', () => {
  it('RFC 3464 §2.3: reads who and why, with a reply of a host and without', async () => {
    expect(JSON.parse(execFileSync('perl', ['-MSisimai', '-MJSON::PP', '-e', perl, await storeReport()], { encoding: 'utf8' }))).toEqual([
      ['joe@example.com', 'failed', '5.1.1', 'userunknown'],
      ['ann@example.com', 'failed', '4.4.1', expect.any(String)],
    ]);
  });
});

const python = `import email, email.policy, json, sys
message = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
report = next(part for part in message.walk() if part.get_content_type() == 'message/delivery-status')
print(json.dumps([{name.lower(): str(value) for name, value in group.items()} for group in report.get_payload() if len(group.keys())]))`;

describe.skipIf(!runs('python3', '-c', 'import email.policy'))("Python's email package (skipped where it is not installed)", () => {
  it('RFC 3464 §2.3: reads every field', async () => {
    expect(JSON.parse(execFileSync('python3', ['-c', python, await storeReport()], { encoding: 'utf8' }))).toMatchObject([
      { 'reporting-mta': 'dns; mx.example.net' },
      {
        'final-recipient': 'rfc822; joe@example.com',
        'remote-mta': 'dns; mail.example.com',
        'diagnostic-code': 'smtp; 550 5.1.1 No such user',
      },
      { 'final-recipient': 'rfc822; ann@example.com', status: '4.4.1', 'diagnostic-code': 'x-mox; no answer from 192.0.2.1' },
    ]);
  });
});
