// Typical and hostile names, against tr46 and Node's own URL functions.
import { domainToASCII, domainToUnicode } from 'node:url';
import { enforcePrecis, parseDomain, saslprep, toAscii, usernameCaseMapped } from '@mox/idna';
import tr46 from 'tr46';
import { benchmark } from '../../../tools/bench-harness.ts';

const options = { checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true, verifyDNSLength: true };
for (const name of ['mail.example.com', 'Mail.Example.COM', 'bücher.example', 'xn--bcher-kva.example', '食狮.公司.cn', 'دومين.عربي']) {
  await benchmark(`domain, both forms: ${name}`, {
    mox: () => parseDomain(name),
    tr46: () => [tr46.toASCII(name, options), tr46.toUnicode(name, options)],
    'node:url': () => [domainToASCII(name), domainToUnicode(name)],
  });
}
await benchmark('PRECIS user name', { mox: () => enforcePrecis(usernameCaseMapped, 'Juliet') });
await benchmark('SASLprep password, ASCII', { mox: () => saslprep('correct horse battery staple') });
await benchmark('SASLprep password', { mox: () => saslprep('Grüße aus Köln') });

for (const [title, text] of [
  ['1 MB in one label', 'ü'.repeat(1_000_000)],
  ['2,000 characters in one label', 'ü日'.repeat(1000)],
  ['1,999 different characters in one label', String.fromCodePoint(...Array.from({ length: 1999 }, (_, i) => 0x4e00 + i))],
  ['2,000 labels', 'ü.'.repeat(1000)],
  ['Punycode of 2,000 digits', `xn--${'9'.repeat(1900)}`],
  ['Punycode of 2,000 letters', `xn--${'a'.repeat(1900)}`],
] as const) {
  await benchmark(`hostile: ${title}`, { mox: () => parseDomain(text), 'toAscii alone': () => toAscii(text) }, { rounds: 3 });
}
