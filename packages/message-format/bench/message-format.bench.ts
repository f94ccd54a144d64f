import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { benchmark } from '../../../tools/bench-harness.ts';
import { parseMessage, parseStructure } from '../src/index.ts';
import { internationalMessage, largeMessage, nestedMessage, plainMessage, quotedPrintableMessage } from './samples.ts';

/** All that a peer's call does: header, text, HTML, attachments decoded. */
function parseWhole(bytes: Uint8Array): number {
  const message = parseMessage(bytes);
  let size = (message.text?.length ?? 0) + (message.html?.length ?? 0);
  for (const attachment of message.attachments) size += attachment.bytes().length;
  return size;
}

const samples: Readonly<Record<string, Uint8Array>> = {
  '3.6 KB plain': plainMessage(),
  '28 KB quoted-printable': quotedPrintableMessage(),
  nested: nestedMessage(),
  international: internationalMessage(),
};

/** Lets the compiler see each alternative for a while: what is measured is how a server runs, not how it starts. */
async function warmUp(alternatives: Readonly<Record<string, () => unknown>>): Promise<void> {
  for (const run of Object.values(alternatives)) {
    for (const until = performance.now() + 1000; performance.now() < until; ) await run();
  }
}

for (const [name, bytes] of Object.entries(samples)) {
  const buffer = Buffer.from(bytes);
  const alternatives = {
    mox: () => parseWhole(bytes),
    'postal-mime': () => PostalMime.parse(bytes),
    mailparser: () => simpleParser(buffer, { skipTextToHtml: true, skipHtmlToText: true, skipTextLinks: true }),
  };
  await warmUp(alternatives);
  await benchmark(`parse whole, ${name} (${bytes.length} B)`, alternatives, { bytes: bytes.length });
}

const large = largeMessage();
const largeBuffer = Buffer.from(large);
await benchmark(
  `parse whole, 5 MB with attachments (${large.length} B)`,
  { mox: () => parseWhole(large), 'postal-mime': () => PostalMime.parse(large), mailparser: () => simpleParser(largeBuffer) },
  { bytes: large.length, rounds: 5 },
);
await benchmark(`structure only, 5 MB (${large.length} B)`, { mox: () => parseStructure(large) }, { bytes: large.length });
for (const [name, bytes] of Object.entries(samples))
  await benchmark(`structure only, ${name}`, { mox: () => parseStructure(bytes) }, { bytes: bytes.length });
