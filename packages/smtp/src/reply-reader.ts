import { toUtf8 } from '@mox/runtime';
import type { InputBuffer } from './input-buffer.ts';
import { type SmtpReply, smtpReply } from './reply.ts';

/** Longest line of a reply that is taken; RFC 5321 §4.5.3.1.5 has 512 octets. */
const longestLine = 4_096;
/** Most lines of one reply. */
const mostLines = 500;

/** What is no reply: the conversation cannot go on. */
export interface ReplyProblem {
  readonly problem: string;
}

const replyLine = /^([2-5][0-9]{2})(?:([ -])(.*))?$/s;
const enhancedCode = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: +|$)/;

/** The enhanced status code of a line, where it has one of the reply's class (RFC 2034 §4). */
function enhancedOf(text: string, code: string): string | undefined {
  const found = enhancedCode.exec(text)?.[1];
  return found?.startsWith(code.charAt(0)) ? found : undefined;
}

function makeReply(code: string, lines: readonly string[]): SmtpReply {
  const enhanced = enhancedOf(lines[0] ?? '', code);
  const texts = lines.map((line) => (enhanced !== undefined && line.startsWith(enhanced) ? line.slice(enhanced.length).trimStart() : line));
  return smtpReply(Number(code), enhanced ?? '', texts.length === 1 ? (texts[0] ?? '') : texts);
}

/** Reads replies of a server (RFC 5321 §4.2), line by line. */
export class ReplyReader {
  #code = '';
  #lines: string[] = [];

  /** The next reply; undefined where it is not whole yet. */
  read(input: InputBuffer): SmtpReply | ReplyProblem | undefined {
    for (;;) {
      const line = input.takeLine(longestLine);
      if (!line) return undefined;
      if (line.type !== 'line') return { problem: line.type === 'too-long' ? 'a reply line is too long' : 'a reply line ends without CR' };
      const match = replyLine.exec(toUtf8(line.bytes));
      if (!match) return { problem: 'what the server sent is no reply' };
      const [, code = '', separator, text = ''] = match;
      if (this.#lines.length > 0 && code !== this.#code) return { problem: 'the lines of a reply have different codes' };
      if (this.#lines.length >= mostLines) return { problem: 'a reply has too many lines' };
      this.#code = code;
      this.#lines.push(text);
      if (separator === '-') continue;
      const reply = makeReply(code, this.#lines);
      this.#lines = [];
      return reply;
    }
  }

  /** Forgets what was read of a reply. */
  clear(): void {
    this.#lines = [];
  }
}
