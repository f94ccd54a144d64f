/** One parameter of a Disposition-Notification-Options field (RFC 8098 §2.2). */
export interface NotificationOption {
  /** In lower case. */
  readonly attribute: string;
  /** Who does not know a required one must not send a notification; an optional one may be passed over. */
  readonly importance: 'required' | 'optional';
  readonly values: readonly string[];
}

const mostOptions = 100;
const atom = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/;

/** Splits at a separator, outside of quoted strings. */
function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\' && quoted) at++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** A word: an atom or a quoted string. */
function readWord(text: string): string | undefined {
  const word = text.trim();
  if (atom.test(word)) return word;
  return /^"(?:[^"\\]|\\.)*"$/s.test(word) ? word.slice(1, -1).replace(/\\(.)/gs, '$1') : undefined;
}

function parseOption(text: string): NotificationOption | undefined {
  const equals = text.indexOf('=');
  const attribute = text.slice(0, Math.max(0, equals)).trim().toLowerCase();
  const [importance = '', ...values] = splitOutsideQuotes(text.slice(equals + 1), ',');
  const word = importance.trim().toLowerCase();
  if (!atom.test(attribute) || (word !== 'required' && word !== 'optional') || values.length === 0) return undefined;
  const words = values.map(readWord);
  return words.every((value) => value !== undefined) ? { attribute, importance: word, values: words } : undefined;
}

/**
 * Reads the value of a Disposition-Notification-Options field (RFC 8098 §2.2). Undefined where any of it cannot be read, since nobody knows
 * then what is required.
 */
export function parseNotificationOptions(value: string): readonly NotificationOption[] | undefined {
  const texts = splitOutsideQuotes(value, ';').filter((text) => text.trim() !== '');
  if (texts.length === 0 || texts.length > mostOptions) return undefined;
  const options = texts.map(parseOption);
  return options.every((option) => option !== undefined) ? options : undefined;
}

function formatWord(word: string): string {
  return atom.test(word) ? word : `"${word.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}

/** Writes the value of a Disposition-Notification-Options field (RFC 8098 §2.2). */
export function formatNotificationOptions(options: readonly NotificationOption[]): string {
  return options
    .map(({ attribute, importance, values }) => `${attribute}=${[importance, ...values.map(formatWord)].join(', ')}`)
    .join('; ');
}
