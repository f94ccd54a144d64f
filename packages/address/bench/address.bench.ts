// Typical and hostile inputs, against the parsers of address lists that npm offers.
import { canonicalAddress, formatAddress, formatAddressList, parseAddress, parseAddressList, parsePath } from '@mox/address';
import { unwrap } from '@mox/syntax';
import addressparser from 'nodemailer/lib/addressparser';
import { addressParser } from 'postal-mime';
import { benchmark } from '../../../tools/bench-harness.ts';

const lists: Readonly<Record<string, string>> = {
  'one address': 'jane.doe@example.org',
  'one with a name': 'Jane Doe <jane.doe@example.org>',
  'an encoded and a quoted name': '=?utf-8?q?J=C3=B6rg?= <j@example.org>, "Doe, J." <jdoe@example.com>',
  'twenty with names': Array.from({ length: 20 }, (_, i) => `"User ${i}, Dept." <user${i}@mail.example.org>`).join(',\r\n '),
};
for (const [name, text] of Object.entries(lists)) {
  await benchmark(
    `address list, ${name}`,
    { mox: () => parseAddressList(text), nodemailer: () => addressparser(text), 'postal-mime': () => addressParser(text) },
    { bytes: text.length },
  );
}

const list = parseAddressList(lists['twenty with names'] ?? '');
await benchmark('address list, written', { mox: () => formatAddressList(list.entries) });
await benchmark('SMTP path', { mox: () => parsePath('<jane.doe@mail.example.org>') });
await benchmark('SMTP path, international', { mox: () => parsePath('<jörg@müller.example>', { smtputf8: true }) });
const address = unwrap(parseAddress('Jane.Doe@mail.example.org'));
await benchmark('address written', { mox: () => formatAddress(address) });
await benchmark('key of an address', { mox: () => canonicalAddress(address) });

for (const [name, unit] of [
  ['a million addresses', 'a@b.example,'],
  ['comments that do not end', '('],
  ['quotes', '"'],
  ['brackets', '<a@'],
  ['routes', '<@a,'],
  ['words', 'a '],
  ['groups', 'a:b;'],
] as const) {
  const sizes = [1_000_000, name === 'a million addresses' ? 12_000_000 : 4_000_000];
  for (const size of sizes) {
    const text = unit.repeat(Math.floor(size / unit.length));
    const row = `address list, hostile: ${name}, ${size / 1_000_000} MB`;
    await benchmark(
      row,
      { mox: () => parseAddressList(text), 'mox without limit': () => parseAddressList(text, { entries: Infinity }) },
      { bytes: text.length, rounds: 1 },
    );
  }
}
