import { randomBytes } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { benchmark } from '../../../tools/bench-harness.ts';
import { type ComposeInput, composeMessage, htmlToText } from '../src/index.ts';

const options = { clock: Date, random: { bytes: (count: number) => new Uint8Array(randomBytes(count)) } };

const inputs: Readonly<Record<string, ComposeInput>> = {
  'plain text': { from: 'alice@example.org', to: ['bob@example.com'], subject: 'Hello', text: 'Hi Bob,\n\nsee you.\n' },
  'text, HTML and a 300 KB file': {
    from: 'alice@example.org',
    to: ['bob@example.com'],
    subject: 'Grüße aus Wien',
    text: 'Schöne Grüße!\n'.repeat(50),
    html: '<p>Schöne Grüße!</p>\n'.repeat(50),
    attachments: [{ content: new Uint8Array(300_000).fill(65), filename: 'übersicht.pdf', contentType: 'application/pdf' }],
  },
  'five hundred recipients': {
    from: 'alice@example.org',
    to: Array.from({ length: 500 }, (_, i) => ({ name: `Recipient, ${i}`, address: `r${i}@example.com` })),
    subject: 'Hello',
    text: 'Hi all.\n',
  },
};

async function composeWithNodemailer(input: ComposeInput): Promise<Buffer> {
  const attachments = input.attachments?.map(({ content, filename, contentType }) => ({
    content: Buffer.from(content as Uint8Array),
    filename,
    contentType,
  }));
  return await new MailComposer({ ...input, attachments } as never).compile().build();
}

for (const [name, input] of Object.entries(inputs)) {
  await benchmark(`compose, ${name}`, {
    mox: () => composeMessage(input, options).bytes(),
    nodemailer: () => composeWithNodemailer(input),
  });
}

const row =
  '<tr><td style="padding:10px;font-family:Arial" class="c"><p style="margin:0">Hello <b>world</b>, this is&nbsp;a <a href="https://example.org/abc?d=1&amp;e=2">link</a></p></td><td align="right"><img src="https://example.org/z.png" alt="picture"></td></tr>';
const newsletter = `<html><head><style>${'.a{b:c}'.repeat(500)}</style></head><body><table>${row.repeat(400)}</table></body></html>`;
await benchmark('text of a newsletter', { mox: () => htmlToText(newsletter) }, { bytes: newsletter.length });
