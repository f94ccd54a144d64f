import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingResolver, ZoneResolver } from '@mox/dns/testing';
import { checkSpf } from '@mox/spf';
import { packTlsReport } from '@mox/tlsrpt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../cli/run.ts';
import { protocolCommands } from './index.ts';
import { fromJson, toJson } from './json.ts';

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

describe('commands of the protocols', () => {
  it('mox spf check replays a recording to the same result, offline', async () => {
    const recording = new RecordingResolver(new ZoneResolver('example.org. TXT "v=spf1 ip4:192.0.2.0/24 -all"'));
    await checkSpf({ ip: '192.0.2.1', mailFrom: 'jane@example.org', helo: 'example.org' }, { resolver: recording });
    const replay = file('dns.json', toJson(recording.recorded));
    const pass = await mox('spf', 'check', 'jane@example.org', '192.0.2.1', '--replay', replay);
    expect(pass).toMatchObject({ status: 0, errors: '' });
    expect(pass.out).toContain('decided by  ip4:192.0.2.0/24');
    expect(pass.out).toContain('mechanism ip4:192.0.2.0/24 -> pass  [RFC 7208 §5.6]');
    const fail = await mox('spf', 'check', 'example.org', '198.51.100.1', '--replay', replay, '--json');
    expect(fail.status).toBe(1);
    expect(fromJson(fail.out)).toMatchObject({ status: 'fail', mechanism: '-all' });
  });

  it('mox dkim gen, sign and verify fit together', async () => {
    const made = await mox('dkim', 'gen', 'sel', 'example.org', '--type', 'ed25519', '--json');
    const key = fromJson(made.out) as { name: string; record: string; privateKey: string };
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

  it('mox tlsrpt parse reads gzip', async () => {
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

  it('mox idna shows both forms', async () => {
    expect((await mox('idna', 'bücher.example')).out).toContain('xn--bcher-kva.example');
    expect(await mox('idna', 'a..b')).toMatchObject({ status: 1 });
  });

  it.each([
    [['spf', 'check', 'example.org', 'nonsense'], 'not an IP address: nonsense'],
    [['dns', 'lookup', 'WHAT', 'example.org'], 'unknown record type: WHAT'],
    [['dkim', 'gen', 's', 'd.example', '--type', 'dsa'], 'unknown type of key: dsa'],
    [['dkim', 'verify', '/nowhere'], '/nowhere cannot be read'],
    [['dkim', 'sign', '--key', '/nowhere'], '/nowhere cannot be read'],
    [['dns', 'lookup', 'A', 'x.example', '--resolver', 'nonsense'], 'not the address of a resolver: nonsense'],
    [['dane', 'verify', 'x.example', '--port', '0'], '--port wants a number'],
  ])('%j says what is wrong, and what to do', async (words, problem) => {
    const { status, errors } = await mox(...words);
    expect(status).toBeGreaterThan(0);
    expect(errors).toContain(problem);
    expect(errors).toContain('remedy: ');
  });
});
