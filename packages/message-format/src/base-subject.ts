import { decodeEncodedWords } from '@mox/encoding';

/** A subject without what replies and forwards put around it. */
export interface BaseSubject {
  /** The base subject (RFC 5256 §2.1), decoded, blanks made single spaces. Case is kept: compare by i;unicode-casemap. */
  readonly base: string;
  /** Whether something that marks a reply or a forward was taken off: `Re:`, `(fwd)`, `[fwd: ...]` (RFC 5256 §3). */
  readonly isReplyOrForward: boolean;
}

function skipSpaces(text: string, at: number, end: number): number {
  let next = at;
  while (next < end && text[next] === ' ') next++;
  return next;
}

/** Where a subj-blob that starts here ends, blanks behind it included; -1 where none does. */
function blobEnd(text: string, at: number, end: number): number {
  if (at >= end || text[at] !== '[') return -1;
  for (let next = at + 1; next < end; next++) {
    if (text[next] === ']') return skipSpaces(text, next + 1, end);
    if (text[next] === '[') return -1;
  }
  return -1;
}

/** Where a subj-refwd that starts here ends; -1 where none does. */
function replyEnd(text: string, at: number, end: number): number {
  const word = /^(?:re|fwd?)/i.exec(text.slice(at, Math.min(end, at + 3)))?.[0];
  if (word === undefined) return -1;
  let next = skipSpaces(text, at + word.length, end);
  const blob = blobEnd(text, next, end);
  if (blob >= 0) next = blob;
  return next < end && text[next] === ':' ? next + 1 : -1;
}

/** What is left of a subject, as a range of its text. */
class SubjectRange {
  readonly text: string;
  start = 0;
  end: number;
  marked = false;

  constructor(text: string) {
    this.text = text;
    this.end = text.length;
  }

  trimEnd(): void {
    for (;;) {
      while (this.end > this.start && this.text[this.end - 1] === ' ') this.end--;
      if (this.end - this.start < 5 || this.text.slice(this.end - 5, this.end).toLowerCase() !== '(fwd)') return;
      this.end -= 5;
      this.marked = true;
    }
  }

  /** Steps 3 to 5: leaders and blobs, as long as there are any. A run of blobs is walked once, whatever becomes of it. */
  trimStart(): void {
    const { text, end } = this;
    for (;;) {
      this.start = skipSpaces(text, this.start, end);
      let last = this.start;
      let at = this.start;
      for (let blob = blobEnd(text, at, end); blob >= 0; blob = blobEnd(text, at, end)) {
        last = at;
        at = blob;
      }
      const reply = replyEnd(text, at, end);
      // Step 4: what would leave nothing stays.
      this.start = reply >= 0 ? reply : at < end ? at : last;
      if (reply < 0) return;
      this.marked = true;
    }
  }

  /** Step 6: `[fwd: ... ]`. */
  takeForward(): boolean {
    const { text, start, end } = this;
    if (end - start < 6 || text[end - 1] !== ']' || text.slice(start, start + 5).toLowerCase() !== '[fwd:') return false;
    this.start += 5;
    this.end--;
    this.marked = true;
    return true;
  }
}

/**
 * Finds the base subject of the value of a Subject field (RFC 5256 §2.1): encoded words decoded, and `Re:`, `Fwd:`, list marks in
 * brackets and `(fwd)` taken off.
 */
export function parseBaseSubject(subject: string): BaseSubject {
  const range = new SubjectRange(decodeEncodedWords(subject).replace(/[ \t\r\n]+/g, ' '));
  do {
    range.trimEnd();
    range.trimStart();
  } while (range.takeForward());
  return { base: range.text.slice(range.start, range.end), isReplyOrForward: range.marked };
}
