import type { ImapResponse } from './response.ts';
import type { ResponseCursor } from './response-cursor.ts';

/**
 * Messages of a thread (RFC 5256 §4): each of `numbers` answers the one before it, and `branches` are the several answers to the
 * last. No numbers: the branches belong together, but what they answer is not there.
 */
export interface ThreadBranch {
  readonly numbers: readonly number[];
  readonly branches: readonly ThreadBranch[];
}

function parseBranch(cursor: ResponseCursor): ThreadBranch {
  const numbers: number[] = [];
  const branches: ThreadBranch[] = [];
  cursor.enter();
  while (cursor.peek() !== 41) {
    if (cursor.peek() === 40) branches.push(parseBranch(cursor));
    else numbers.push(cursor.nzNumber());
    cursor.spaces();
  }
  cursor.leave();
  return { numbers, branches };
}

/** THREAD (RFC 5256 §4). */
export function parseThread(cursor: ResponseCursor): ImapResponse {
  const threads: ThreadBranch[] = [];
  cursor.spaces();
  while (cursor.peek() === 40) {
    threads.push(parseBranch(cursor));
    cursor.spaces();
  }
  if (!cursor.done) cursor.fail('a thread is missing');
  return { type: 'thread', threads };
}
