import type { Random } from '@mox/runtime';

/** Digits in ASCII order, so that ids sort as their times do; without those that are mistaken for others. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz';
/** Start of the count of time: 2020-01-01T00:00:00Z. 45 bits of milliseconds last for a thousand years. */
const epoch = 1_577_836_800_000;
const timeDigits = 9;
const randomDigits = 8;

/** Makes the id of a transaction: 17 characters, sorted by time, 40 bits of them not to be guessed. An Atom of RFC 5321 §4.1.2. */
export function makeTransactionId(now: number, random: Random): string {
  let time = Math.max(0, Math.floor(now) - epoch);
  let id = '';
  for (let i = 0; i < timeDigits; i++) {
    id = digits.charAt(time % 32) + id;
    time = Math.floor(time / 32);
  }
  for (const byte of random.bytes(randomDigits)) id += digits.charAt(byte & 31);
  return id;
}
