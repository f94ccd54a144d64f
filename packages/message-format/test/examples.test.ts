// The README shows the examples as they are, and they do what they say.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromUtf8 } from '@mox/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAttachments } from '../examples/attachments.ts';
import { listContents } from '../examples/file.ts';
import { reply } from '../examples/reply.ts';
import { measureParts } from '../examples/stream.ts';
import { readText } from '../examples/text.ts';
import { parseMessage } from '../src/index.ts';

const folder = join(import.meta.dirname, '../examples');
const names = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const read = (path: string): string => readFileSync(path, 'utf8');

/** What the comments of the examples say that they print. */
const printed: Readonly<Record<string, readonly string[]>> = {
  'read.ts': ['Jürgen juergen@example.org', 'Grüße aus Wien', '2026-11-23T09:00:00.000Z', 'Schöne Grüße!', 'übersicht.csv text/csv 3'],
  'compose.ts': ['@example.org false', 'Content-ID: <picture@example.org>'],
  'text.ts': ['News\n\n- One\n- Two\n\nMore here <https://example.org/n>.'],
  'authentication-results.ts': ['dkim pass  header.d=example.org header.s=s1', 'spf pass sender is permitted smtp.mailfrom=example.org'],
  'unsubscribe.ts': ['POST https://example.org/leave?id=17'],
};

const original = fromUtf8(
  [
    'From: Zoe <zoe@example.org>',
    'Reply-To: Team: team@example.org;',
    'Subject: Re: [list] Plans',
    'Message-ID: <2@example.org>',
    'References: <1@example.org>',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/html',
    '',
    '<p>See <b>it</b>.</p>',
    '--b',
    'Content-Type: application/pdf',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="../../plan.pdf"',
    '',
    'YWJj',
    '--b--',
    '',
  ].join('\r\n'),
);

describe('the examples', () => {
  it.each(names)('%s stands in the README', (name) => {
    const blocks = Array.from(read(join(import.meta.dirname, '../README.md')).matchAll(/^```ts\n([^]*?)^```$/gm), (match) => match[1]);
    expect(blocks).toContain(read(join(folder, name)));
  });

  it.each(names)('%s runs', (name) => {
    const run = spawnSync(process.execPath, ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning', name], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    for (const line of printed[name] ?? []) expect(run.stdout).toContain(line);
  });

  let attachments = '';
  beforeAll(() => {
    attachments = mkdtempSync(join(tmpdir(), 'message-format-'));
  });
  afterAll(() => rmSync(attachments, { recursive: true, force: true }));

  it('attachments.ts stays in its folder', () => {
    const [path = ''] = writeAttachments(parseMessage(original), attachments);
    expect(path).toBe(join(attachments, '1-plan.pdf'));
    expect(existsSync(path) && read(path)).toBe('abc');
  });

  it('reply.ts makes a reply in the thread', () => {
    const message = parseMessage(reply(parseMessage(original), 'me@example.com', 'Fine.').bytes());
    expect(message).toMatchObject({
      subject: 'Re: Plans',
      to: [{ address: 'team@example.org' }],
      inReplyTo: ['2@example.org'],
      references: ['1@example.org', '2@example.org'],
      text: 'Fine.\n\n> See it.',
    });
  });

  it('text.ts reads HTML', () => {
    expect(readText(parseMessage(original), original)).toEqual({ text: 'See it.', preview: 'See it.' });
  });

  it('file.ts lists what is in a file', async () => {
    const path = join(attachments, 'message.eml');
    writeFileSync(path, original);
    expect(await listContents(path)).toEqual([
      `Re: [list] Plans: ${original.length} bytes, 18 lines`,
      '(no text)',
      '../../plan.pdf application/pdf 3',
    ]);
  });

  it('stream.ts measures parts', async () => {
    const source = (async function* () {
      for (let at = 0; at < original.length; at += 7) yield original.subarray(at, at + 7);
    })();
    expect(Array.from((await measureParts(source)).values())).toEqual([21, 3]);
  });
});
