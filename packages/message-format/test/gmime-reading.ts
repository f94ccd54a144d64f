// What GMime makes of messages: the library that notmuch, mu, Geary and others read mail with.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A leaf as GMime reads it. */
export interface GmimeLeaf {
  readonly type: string;
  readonly size: number;
  readonly sha1: string;
  readonly filename: string | null;
  /** Decoded text of a text part; null where it is none, or cannot be had as text. */
  readonly text: string | null;
}

/** What GMime sees in a message. */
export interface GmimeReading {
  readonly outline: string;
  readonly leaves: readonly GmimeLeaf[];
  readonly subject: string | null;
  readonly from: readonly (readonly [name: string, address: string])[] | null;
  readonly to: readonly (readonly [name: string, address: string])[] | null;
}

const python = '/usr/bin/python3';

/** Whether there is a GMime to compare with, and Debian's Python to ask it by. */
export const gmimeAvailable: boolean = (() => {
  try {
    execFileSync(python, ['-c', "import gi; gi.require_version('GMime', '3.0'); from gi.repository import GMime"], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Has GMime read messages; null for what it takes for none. */
export function readWithGmime(messages: readonly Uint8Array[]): (GmimeReading | null)[] {
  const folder = mkdtempSync(join(tmpdir(), 'message-format-'));
  try {
    const files = messages.map((bytes, index) => {
      const file = join(folder, `${index}.eml`);
      writeFileSync(file, bytes);
      return file;
    });
    const script = fileURLToPath(new URL('gmime-outline.py', import.meta.url));
    const output = execFileSync(python, [script, ...files], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as GmimeReading | null);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
