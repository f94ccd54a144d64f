import { ByteCursor, charClass, isAlpha, isDigit, parseIp, TextCursor } from '@mox/syntax';
import { benchmark } from '../../../tools/bench-harness.ts';

const isSpecial = charClass('=; ');
const typical = 'name=12345; other=67; third=8 '.repeat(35);
const typicalBytes = new TextEncoder().encode(typical);
const hostile = 'a'.repeat(1_000_000);
const hostileBytes = new TextEncoder().encode(hostile);

function readText(text: string): number {
  const cursor = new TextCursor(text);
  let tokens = 0;
  for (; !cursor.done; tokens++) {
    cursor.takeWhile(isAlpha);
    cursor.skipWhile(isSpecial);
    cursor.takeWhile(isDigit);
    cursor.skipWhile(isSpecial);
  }
  return tokens;
}

function readBytes(bytes: Uint8Array): number {
  const cursor = new ByteCursor(bytes);
  let tokens = 0;
  for (; !cursor.done; tokens++) {
    cursor.takeWhile(isAlpha);
    cursor.skipWhile(isSpecial);
    cursor.takeWhile(isDigit);
    cursor.skipWhile(isSpecial);
  }
  return tokens;
}

await benchmark('syntax: 1 KB of tags', { text: () => readText(typical), bytes: () => readBytes(typicalBytes) }, { bytes: typical.length });
await benchmark(
  'syntax: hostile, one word of 1 MB',
  { text: () => readText(hostile), bytes: () => readBytes(hostileBytes) },
  { bytes: hostile.length },
);
await benchmark('syntax: an IPv6 address', { ours: () => parseIp('2001:db8:0:1::a:203.0.113.7') });
