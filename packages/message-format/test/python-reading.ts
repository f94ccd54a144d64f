// What Python's email package makes of messages.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Part } from '../src/index.ts';

/** A leaf as Python's email package reads it. */
export interface PythonLeaf {
  readonly type: string;
  readonly size: number;
  readonly sha1: string;
  readonly filename: string | null;
}

/** What Python's email package sees in a message. */
export interface PythonReading {
  readonly outline: string;
  readonly leaves: readonly PythonLeaf[];
  readonly fields: number;
}

/** Whether there is a Python to compare with. */
export function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import email']);
    return true;
  } catch {
    return false;
  }
}

/** Has Python read files. */
export function readWithPython(files: readonly string[]): PythonReading[] {
  const script = fileURLToPath(new URL('python-outline.py', import.meta.url));
  const output = execFileSync('python3', [script, ...files], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PythonReading);
}

/** Our reading of the parts, in the form of Python's. */
export function outline(part: Part): string {
  const inner = part.parts?.map(outline) ?? (part.message ? [outline(part.message.part)] : []);
  return `${part.type}/${part.subtype}${inner.length > 0 ? `(${inner.join(' ')})` : ''}`;
}
