import { toLatin1, toUtf8Strict } from '@mox/runtime';

/** A command line of SMTP, taken apart (RFC 5321 §4.1.1). */
export interface SmtpCommand {
  /** In upper case; empty for an empty line. */
  readonly verb: string;
  /** All that follows the first space, without white space at the end. */
  readonly argument: string;
  /** The line has octets above 127 that are not UTF-8: they stand in the argument as U+FFFD. */
  readonly malformedUtf8: boolean;
}

const decoder = /* @__PURE__ */ new TextDecoder();

function decode(line: Uint8Array): { text: string; malformedUtf8: boolean } | undefined {
  let seen = 0;
  for (let i = 0; i < line.length; i++) {
    const byte = line[i] as number;
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return undefined;
    seen |= byte;
  }
  if (seen < 0x80) return { text: toLatin1(line), malformedUtf8: false };
  const text = toUtf8Strict(line);
  return text === undefined ? { text: decoder.decode(line), malformedUtf8: true } : { text, malformedUtf8: false };
}

/** Takes a command line without its line end apart; undefined where it has control characters other than tabs. */
export function parseCommand(line: Uint8Array): SmtpCommand | undefined {
  const decoded = decode(line);
  if (!decoded) return undefined;
  const { malformedUtf8 } = decoded;
  const text = trimEnd(decoded.text);
  const space = text.indexOf(' ');
  if (space < 0) return { verb: text.toUpperCase(), argument: '', malformedUtf8 };
  return { verb: text.slice(0, space).toUpperCase(), argument: text.slice(space + 1), malformedUtf8 };
}

/** RFC 5321 §4.1.1: white space before the line end is to be tolerated. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return text.slice(0, end);
}
