import { readFileSync, writeFileSync } from 'node:fs';
import { type Random, Secret } from '@mox/runtime';
import type { DataDirectory } from '../config/data-directory.ts';

const keyBytes = 32;

/**
 * The key that made-up salts for unknown users are derived from (RFC 5802 §9). Kept, since a salt that
 * changes with a restart would show that there is no such user.
 */
export function decoyKey(directory: DataDirectory, random: Random): Secret<Uint8Array> {
  try {
    const kept = new Uint8Array(readFileSync(directory.decoyKeyFile));
    if (kept.length === keyBytes) return new Secret(kept);
  } catch {
    // none yet
  }
  const made = random.bytes(keyBytes);
  writeFileSync(directory.decoyKeyFile, made, { mode: 0o600 });
  return new Secret(made);
}
