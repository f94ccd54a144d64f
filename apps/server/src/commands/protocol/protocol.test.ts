import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DnssecStatus, RecordType } from '@mox/dns';
import { formatRecording, parseRecording, parseZone, RecordingResolver, ZoneResolver } from '@mox/dns/testing';
import { ManualClock, systemRandom } from '@mox/runtime';
import { checkSpf } from '@mox/spf';
import { composeTlsReportMessage, packTlsReport } from '@mox/tlsrpt';
import { createSelfSignedCertificate } from '@mox/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../cli/run.ts';
import { protocolCommands } from './index.ts';
import { toJson } from './json.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mox-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function mox(...words: string[]): Promise<{ status: number; out: string; errors: string }> {
  const out: string[] = [];
  const errors: string[] = [];
  const status = await runCommandLine(protocolCommands, words, { out: (line) => out.push(line), error: (line) => errors.push(line) });
  return { status, out: out.join('\n'), errors: errors.join('\n') };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A file with the answers to some questions (`name` for TXT, or `name TYPE`) by a zone. */
async function recordingOf(zone: string, questions: readonly string[], security: DnssecStatus = 'insecure'): Promise<string> {
  const recorder = new RecordingResolver(new ZoneResolver(zone, { security }));
  for (const question of questions) {
    const [name = '', type = 'TXT'] = question.split(' ');
    await recorder.query(name, type as RecordType);
  }
  return file(`recording-${questions[0]}-${security}.json`, formatRecording(recorder.recorded));
}

describe('commands of the protocols', () => {
  it('mox spf check replays a recording to the same result, offline', async () => {
    const recording = new RecordingResolver(new ZoneResolver('example.org. TXT "v=spf1 ip4:192.0.2.0/24 -all"'));
    await checkSpf({ ip: '192.0.2.1', mailFrom: 'jane@example.org', helo: 'example.org' }, { resolver: recording });
    const replay = file('dns.json', formatRecording(recording.recorded));
    const pass = await mox('spf', 'check', 'jane@example.org', '192.0.2.1', '--replay', replay);
    expect(pass).toMatchObject({ status: 0, errors: '' });
    expect(pass.out).toContain('decided by  ip4:192.0.2.0/24');
    expect(pass.out).toContain('mechanism ip4:192.0.2.0/24 -> pass  [RFC 7208 §5.6]');
    const fail = await mox('spf', 'check', 'example.org', '198.51.100.1', '--replay', replay, '--json');
    expect(fail.status).toBe(1);
    expect(JSON.parse(fail.out)).toMatchObject({ status: 'fail', mechanism: '-all' });
  });

  it('mox dkim gen, sign and verify fit together', async () => {
    const made = await mox('dkim', 'gen', 'sel', 'example.org', '--type', 'ed25519', '--json');
    const key = JSON.parse(made.out) as { name: string; record: string; privateKey: string };
    const keyFile = file('key.pem', key.privateKey);
    const message = file('message.eml', 'From: jane@example.org\nTo: joe@example.net\nSubject: hi\n\nhello\n');
    const signed = await mox('dkim', 'sign', message, '--domain', 'example.org', '--selector', 'sel', '--key', keyFile, '--field-only');
    expect(signed.out).toMatch(/^DKIM-Signature: v=1; a=ed25519-sha256;/);
    const whole = file('signed.eml', `${signed.out}\r\nFrom: jane@example.org\r\nTo: joe@example.net\r\nSubject: hi\r\n\r\nhello\r\n`);
    const data = [new TextEncoder().encode(key.record)];
    const answer = {
      status: 'ok',
      security: 'secure',
      records: [{ name: key.name, type: 'TXT', ttlSeconds: 60, data }],
      aliases: [],
      ttlSeconds: 60,
    };
    const replay = file('key.json', toJson([{ name: key.name, type: 'TXT', answer }]));
    const verified = await mox('dkim', 'verify', whole, '--replay', replay);
    expect(verified).toMatchObject({ status: 0, errors: '' });
    expect(verified.out).toMatch(/^pass {2}example\.org\n/);
    expect((await mox('dkim', 'lookup', 'sel', 'example.org', '--replay', replay)).out).toContain('key     ed25519, 256 bits');
    expect((await mox('arc', 'verify', whole, '--replay', replay)).out).toContain('result  none');
  });

  it('mox dmarc lookup and verify, by a recording', async () => {
    const data = [new TextEncoder().encode('v=DMARC1; p=reject; rua=mailto:dmarc@example.org')];
    const missing = { status: 'nxdomain', security: 'insecure', records: [], aliases: [], ttlSeconds: 60 };
    const record = { ...missing, status: 'ok', records: [{ name: '_dmarc.example.org', type: 'TXT', ttlSeconds: 60, data }] };
    const recorded = [
      { name: '_dmarc.example.org', type: 'TXT', answer: record },
      { name: '_dmarc.org', type: 'TXT', answer: missing },
    ];
    const replay = file('dmarc.json', toJson(recorded));
    const lookup = await mox('dmarc', 'lookup', 'example.org', '--replay', replay);
    expect(lookup.out).toContain('reject (p=reject)');
    expect(lookup.status).toBe(0);
    const verified = await mox('dmarc', 'verify', file('unsigned.eml', 'From: jane@example.org\r\n\r\nhi\r\n'), '--replay', replay);
    expect(verified.out).toContain('disposition  reject');
    expect(verified.status).toBe(1);
  });

  it('mox dmarc report parse reads XML', async () => {
    const xml = `<?xml version="1.0"?><feedback><report_metadata><org_name>X</org_name><email>a@x.example</email><report_id>1</report_id><date_range><begin>0</begin><end>86399</end></date_range></report_metadata><policy_published><domain>example.org</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>7</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers><auth_results/></record></feedback>`;
    expect((await mox('dmarc', 'report', 'parse', file('report.xml', xml))).out).toMatch(
      / 7 {2}192\.0\.2\.1 +dkim pass, spf fail -> none {2}From example\.org/,
    );
    expect(await mox('dmarc', 'report', 'parse', file('no.xml', 'nonsense'))).toMatchObject({ status: 1 });
  });

  it('mox tlsrpt parse reads gzip, and the mail that it came in', async () => {
    const report = {
      organizationName: 'X',
      start: 0,
      end: 86_399_000,
      contactInfo: 'a@x.example',
      reportId: '1',
      policies: [
        {
          policy: { type: 'sts', policy: [], domain: 'y.example', mxHosts: [] },
          successfulSessions: 5,
          failedSessions: 2,
          failures: [{ resultType: 'certificate-expired', failedSessions: 2 }],
        },
      ],
    };
    const packed = await packTlsReport(report, 'y.example');
    const { out, status } = await mox('tlsrpt', 'parse', file('report.json.gz', packed.bytes));
    expect(status).toBe(0);
    expect(out).toContain('y.example (sts)  5 sessions succeeded, 2 failed\n  2 x certificate-expired');
    const envelope = { from: { address: 'a@x.example' }, to: [{ address: 'tls@y.example' }] };
    const mail = composeTlsReportMessage(packed, envelope, { clock: new ManualClock(0), random: systemRandom });
    expect(await mox('tlsrpt', 'parse', file('report.eml', mail.bytes()))).toMatchObject({ status: 0, out });
    expect(await mox('tlsrpt', 'parse', file('no.json', 'nonsense'))).toMatchObject({ status: 1 });
  });

  it('mox message parse shows parts and defects', async () => {
    const { out } = await mox(
      'message',
      'parse',
      file(
        'm.eml',
        'From: a@b.example\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n',
      ),
    );
    expect(out).toContain('subject  grüße');
    expect(out).toMatch(/multipart\/mixed .*\n {2}text\/plain/);
    expect(out).toContain('defect  ');
  });

  it('a DNS that does not answer is no verdict: exit status 2', async () => {
    const replay = file('nothing.json', '[]');
    const message = file('from.eml', 'From: jane@example.org\r\n\r\nhi\r\n');
    const commands = [
      ['spf', 'check', 'example.org', '192.0.2.1'],
      ['dkim', 'lookup', 'sel', 'example.org'],
      ['dmarc', 'lookup', 'example.org'],
      ['dmarc', 'verify', message],
      ['message', 'check', message],
      ['mtasts', 'lookup', 'example.org'],
      ['tlsrpt', 'lookup', 'example.org'],
      ['dane', 'verify', 'mx.example.org'],
      ['dns', 'lookup', 'MX', 'example.org'],
    ];
    for (const words of commands)
      expect({ words, ...(await mox(...words, '--replay', replay)) }).toMatchObject({ words, status: 2, errors: '' });
  });

  it('names the reason and a remedy for what cannot be used, as JSON too where that is asked for', async () => {
    const cases: [string[], RegExp][] = [
      [['dns', 'lookup', 'MX', 'a..b'], /not a name of the DNS: a\.\.b/],
      [['dns', 'lookup', 'MX', 'example.org', '--resolver', '127.0.0.1:99999'], /not the address of a resolver/],
      [['dns', 'lookup', 'MX', 'example.org', '--replay', folder], /it is a directory/],
      [['dane', 'record', 'mx.example.org', '--chain', join(folder, 'gone.pem')], /there is no such file/],
      [['mtasts', 'lookup', 'example.org', '--policy', folder], /it is a directory/],
      [['dkim', 'lookup', 'sel', 'example.org', '--replay', file('no.json', '[]'), '--key', folder], /it is a directory/],
      [['message', 'parse', '--jsno'], /Unknown option/],
    ];
    for (const [words, problem] of cases) {
      expect(await mox(...words)).toMatchObject({ status: 2, out: '', errors: expect.stringMatching(problem) });
      const { out } = await mox(...words, '--json');
      expect(JSON.parse(out)).toEqual({ error: { message: expect.stringMatching(problem), remedy: expect.any(String) } });
    }
  });

  it('mox idna shows both forms', async () => {
    expect((await mox('idna', 'bücher.example')).out).toContain('xn--bcher-kva.example');
    expect(await mox('idna', 'a..b')).toMatchObject({ status: 1 });
  });

  it('mox dkim sign refuses a message without From, and keys that are none', async () => {
    const made = await mox('dkim', 'gen', 'sel', 'example.org', '--type', 'ed25519', '--out', join(folder, 'new.pem'));
    expect(made).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^sel\._domainkey\.example\.org\. IN TXT "v=DKIM1; k=ed25519; p=/),
    });
    expect(statSync(join(folder, 'new.pem')).mode & 0o777).toBe(0o600);
    const sign = (key: string, message: string): ReturnType<typeof mox> =>
      mox('dkim', 'sign', '--key', key, '--domain', 'example.org', '--selector', 'sel', '--json', message);
    const message = file('anonymous.eml', 'Subject: x\n\nhi\n');
    expect(await sign(join(folder, 'new.pem'), message)).toMatchObject({ status: 2, errors: expect.stringContaining('no From field') });
    expect(await sign(message, message)).toMatchObject({ status: 2, errors: expect.stringContaining('no private key in PEM') });
    const again = await mox('dkim', 'gen', 'sel', 'example.org', '--out', join(folder, 'new.pem'));
    expect(again).toMatchObject({ status: 2, out: '', errors: expect.stringContaining('there already') });
  });

  it('RFC 1035 §5.1: mox dkim gen splits the record into strings that a zone file can hold', async () => {
    const { record, zone } = JSON.parse((await mox('dkim', 'gen', 'sel', 'bücher.example', '--json')).out);
    const strings = [...zone.matchAll(/"([^"]*)"/g)].map(([, text]) => text);
    expect(zone).toMatch(/^sel\._domainkey\.xn--bcher-kva\.example\. IN TXT \(\n/);
    expect(strings.every((text) => text.length <= 255)).toBe(true);
    expect(strings.join('')).toBe(record);
    expect(parseZone(`$ORIGIN example.\n${zone}`)).toMatchObject({ ok: true });
  });

  it('mox dkim lookup tells whether a private key is that of the record', async () => {
    const [mine, other] = [join(folder, 'mine.pem'), join(folder, 'other.pem')];
    const zone = (await mox('dkim', 'gen', 'sel', 'example.org', '--type', 'ed25519', '--out', mine)).out.replace(' IN ', ' ');
    await mox('dkim', 'gen', 'sel', 'example.org', '--out', other);
    const replay = await recordingOf(zone, ['sel._domainkey.example.org']);
    const lookup = (key: string): ReturnType<typeof mox> => mox('dkim', 'lookup', 'sel', 'example.org', '--replay', replay, '--key', key);
    expect(await lookup(mine)).toMatchObject({ status: 0, out: expect.stringContaining('belongs to it') });
    expect(await lookup(other)).toMatchObject({ status: 1, out: expect.stringContaining('is another') });
  });

  it('mox message check judges a message by everything, and prints the field of RFC 8601', async () => {
    const key = join(folder, 'check.pem');
    const zone = (await mox('dkim', 'gen', 'sel', 'example.org', '--out', key)).out;
    const published = `${zone.replace(/ IN TXT \(\n|\n\)|\n/g, (found) => (found.includes('TXT') ? ' TXT ' : ' '))}
example.org. TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.example.org. TXT "v=DMARC1; p=reject"`;
    const replay = await recordingOf(published, ['sel._domainkey.example.org', 'example.org', '_dmarc.example.org', '_dmarc.org']);
    const plain = file('plain.eml', 'Return-Path: <jane@example.org>\nFrom: jane@example.org\nSubject: hi\n\nhello\n');
    const { field } = JSON.parse(
      (await mox('dkim', 'sign', plain, '--domain', 'example.org', '--selector', 'sel', '--key', key, '--json')).out,
    );
    const body = 'From: jane@example.org\r\nSubject: hi\r\n\r\nhello\r\n';
    const signed = file('checked.eml', `Return-Path: <jane@example.org>\r\n${field}${body}`);
    const pass = await mox('message', 'check', '--ip', '192.0.2.9', '--replay', replay, signed);
    expect(pass).toMatchObject({ status: 0, errors: '' });
    expect(pass.out).toMatch(
      /^Authentication-Results: localhost;\n {2}iprev=temperror .*\n {2}spf=pass .*\n {2}dkim=pass .*\n {2}dmarc=pass header\.from=example\.org polrec\.p=reject\n/,
    );
    expect(
      Math.max(
        ...pass.out
          .split('\n\n')
          .slice(1, 6)
          .join('\n')
          .split('\n')
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(80);
    // As a file of Unix keeps it, and by standard input.
    const local = file('local.eml', `${field}${body}`.replaceAll('\r\n', '\n'));
    expect((await mox('message', 'check', '--replay', replay, local)).status).toBe(0);
    const changed = file('changed.eml', `${field}${body}more\r\n`);
    const fail = await mox(
      'message',
      'check',
      '--ip',
      '198.51.100.9',
      '--mail-from',
      '<>',
      '--helo',
      'example.org',
      '--replay',
      replay,
      '--json',
      changed,
    );
    expect(fail.status).toBe(1);
    expect(JSON.parse(fail.out)).toMatchObject({
      status: 'fail',
      authentic: false,
      spf: { status: 'fail', identity: 'helo' },
      dkim: [{ status: 'fail', problem: 'body hash did not verify' }],
      arc: { status: 'none' },
      dmarc: { disposition: 'reject' },
      trace: [{ step: 'iprev' }, { step: 'SPF' }, { step: 'DKIM' }, { step: 'ARC' }, { step: 'DMARC' }],
    });
  });

  it('mox mtasts lookup tries a policy out of a file', async () => {
    const replay = await recordingOf('_mta-sts.example.org. TXT "v=STSv1; id=1"', ['_mta-sts.example.org']);
    const policy = file('mta-sts.txt', 'version: STSv1\nmode: testing\nmx: mx.example.org\nmax_age: 86400\n');
    const found = await mox('mtasts', 'lookup', 'example.org', '--replay', replay, '--policy', policy);
    expect(found).toMatchObject({ status: 0, out: expect.stringContaining('mode: testing') });
    const broken = await mox('mtasts', 'lookup', 'example.org', '--replay', replay, '--policy', file('broken.txt', 'mode: x'));
    expect(broken).toMatchObject({ status: 1, out: expect.stringContaining('no policy that can be used') });
  });

  it('mox dane record makes what mox dane verify takes, without the server', async () => {
    const now = Date.now();
    const validity = { notBefore: now - 1000, notAfter: now + 86_400_000 };
    const [mine, other] = await Promise.all([1, 2].map(() => createSelfSignedCertificate({ names: ['mx.example.org'], ...validity })));
    const chain = file('chain.pem', mine?.certificatePem ?? '');
    const { zone } = JSON.parse((await mox('dane', 'record', 'mx.example.org', '--chain', chain, '--json')).out);
    expect(zone).toMatch(/^_25\._tcp\.mx\.example\.org\. IN TLSA 3 1 1 [0-9a-f]{64}$/);
    const text = `mx.example.org. A 192.0.2.1\n${zone.replace(' IN ', ' ')}`;
    const names = ['mx.example.org A', 'mx.example.org AAAA', '_25._tcp.mx.example.org TLSA'];
    const replay = await recordingOf(text, names, 'secure');
    const verify = (certificates: string): ReturnType<typeof mox> =>
      mox('dane', 'verify', 'mx.example.org', '--replay', replay, '--chain', certificates, '--json');
    const authenticated = await verify(chain);
    expect(authenticated.status).toBe(0);
    expect(JSON.parse(authenticated.out)).toMatchObject({ status: 'authenticated', depth: 0, lookup: { status: 'usable' } });
    expect(await verify(file('other.pem', other?.certificatePem ?? ''))).toMatchObject({ status: 1 });
    const unsigned = await recordingOf(text, names);
    const none = await mox('dane', 'verify', 'mx.example.org', '--replay', unsigned);
    expect(none).toMatchObject({ status: 1, out: expect.stringContaining('DANE does not apply to mx.example.org') });
  });

  it('a recording is in the form of the library, also one of a replay', async () => {
    const replay = await recordingOf('example.org. TXT "v=spf1 -all"', ['example.org', 'other.example']);
    const path = join(folder, 'again.json');
    expect((await mox('spf', 'check', 'example.org', '192.0.2.1', '--replay', replay, '--record', path)).status).toBe(1);
    const again = parseRecording(readFileSync(path, 'utf8'));
    expect(again.ok && again.value.map(({ name, type }) => `${name} ${type}`)).toEqual(['example.org TXT']);
  });

  it('what a sender wrote does not reach the terminal as it is', async () => {
    const hostile = file(
      'hostile.eml',
      'From: "\u001b]0;x\u0007" <a@b.example>\nSubject: =?utf-8?q?=1b[31m=c2=9b=e2=80=ae?=\n\n\u001b[2Jbody\n',
    );
    for (const options of [[], ['--text'], ['--json']]) {
      const { out } = await mox('message', 'parse', ...options, hostile);
      expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(out).toContain('\\u001b[');
    }
  });

  it.each(protocolCommands.map(({ name }) => [name]).filter(([name]) => name !== 'dns lookup'))(
    'mox help %s fits into 80 columns and has an example',
    async (name) => {
      const help = (await mox('help', ...name.split(' '))).out;
      expect(help).toContain(`  mox ${name}`);
      expect(help).toContain('Exit status: 0');
      const usage = help.indexOf('\nexample');
      const prose = usage < 0 ? help : help.slice(0, usage);
      expect(prose.split('\n').filter(({ length }) => length > 80)).toEqual([]);
    },
  );

  it.each([
    [['spf', 'check', 'example.org', 'nonsense'], 'not an IP address: nonsense'],
    [['spf', 'check', 'a b', '192.0.2.1'], 'not a domain name: a b'],
    [['spf', 'check', '', '192.0.2.1'], 'not a domain name: (nothing)'],
    [['dns', 'lookup', 'WHAT', 'example.org'], 'unknown record type: WHAT'],
    [['dkim', 'gen', 's', 'd.example', '--type', 'dsa'], 'unknown type of key: dsa'],
    [['dkim', 'gen', 's', 'd.example', '--bits', '512'], '--bits wants a number'],
    [['dkim', 'gen', 'a b', 'd.example'], 'not a selector: a b'],
    [['dkim', 'gen', 's', 'x;y'], 'not a domain name: x;y'],
    [['dkim', 'verify', '/nowhere'], '/nowhere cannot be read: there is no such file'],
    [['dkim', 'verify', '/'], '/ cannot be read: it is a directory'],
    [['arc', 'verify', '/dev/null'], '/dev/null is empty'],
    [['dkim', 'sign', '--key', '/nowhere'], '/nowhere cannot be read'],
    [['dkim', 'sign', 'x.eml'], '--key is missing'],
    [['dkim', 'verfy'], 'unknown command: dkim verfy'],
    [['dkim'], 'mox dkim wants another word'],
    [['dmarc', 'verify', '--ip', 'x', '/dev/null'], 'not an IP address: x'],
    [['dmarc', 'verify', '--mail-from', 'a@b.example', '/dev/null'], 'which needs --ip too'],
    [['message', 'check', '--ip', '192.0.2.1', '--mail-from', 'x', '/dev/null'], 'not an address: x'],
    [['dns', 'lookup', 'A', 'x.example', '--resolver', 'nonsense'], 'not the address of a resolver: nonsense'],
    [['dns', 'lookup', 'A', 'x.example', '--replay', '/dev/null'], '/dev/null is no recording of DNS answers'],
    [['dns', 'lookup', 'A', 'x.example', '--replay', '/nowhere'], '/nowhere cannot be read'],
    [['mtasts', 'lookup', 'a b'], 'not a domain name: a b'],
    [['dane', 'verify', 'x.example', '--port', '0'], '--port wants a number'],
    [['dane', 'record', 'x.example', '--chain', '/dev/null'], '/dev/null has no certificates'],
  ])('%j says what is wrong, and what to do', async (words, problem) => {
    const { status, errors } = await mox(...words);
    expect(status).toBe(2);
    expect(errors).toContain(problem);
    expect(errors).toContain('remedy: ');
  });
});
