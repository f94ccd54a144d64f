import { parseStatusCode, type StatusCode } from '@mox/dsn';
import type { SmtpReply } from '@mox/smtp';

const mostLines = 10;
const longestLine = 400;

/** What a remote host wrote, fit to be kept and shown: printable, bounded. */
export function boundText(text: string, longest: number = longestLine): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}...` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '?');
}

/** A reply as it is kept: its lines printable, none long, not many. */
export function boundReply(reply: SmtpReply): SmtpReply {
  const { text } = reply;
  return { ...reply, text: typeof text === 'string' ? boundText(text) : text.slice(0, mostLines).map((line) => boundText(line)) };
}

/** A reply in one line, for problems and traces. */
export function describeReply(reply: SmtpReply): string {
  const { code, enhanced, text } = boundReply(reply);
  return [code, enhanced, typeof text === 'string' ? text : text.join(' ')].filter((part) => part !== undefined && part !== '').join(' ');
}

/** A status code out of its text; that of the class alone where the text is none (RFC 3463 §2). */
export function statusCode(text: string): StatusCode {
  const first = Number(text[0]);
  return parseStatusCode(text) ?? { class: first === 2 || first === 5 ? first : 4, subject: 0, detail: 0 };
}

/** The status code of a reply: its own, else what its first digit says. */
export function statusOfReply({ code, enhanced }: SmtpReply): StatusCode {
  return statusCode(enhanced ?? `${Math.floor(code / 100)}.0.0`);
}
