import type { Random } from '@mox/runtime';

/**
 * A name with its letters in random case. Servers copy the question into the response as it was, so each letter is one more bit that
 * a forger has to guess (RFC 5452 §9 asks for as many as can be had; names compare without regard to case, RFC 4343 §3).
 */
export function mixCase(name: string, random: Random): string {
  const bits = random.bytes(Math.ceil(name.length / 8));
  let mixed = '';
  for (let i = 0; i < name.length; i++) {
    const character = name.charAt(i);
    mixed += ((bits[i >>> 3] ?? 0) >>> (i & 7)) & 1 ? character.toUpperCase() : character;
  }
  return mixed;
}
