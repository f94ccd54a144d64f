import { decodeBase64 } from '@mox/encoding';
import { toLatin1 } from '@mox/runtime';

/** A point in time as a message gives it. */
export interface MessageDate {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly instant: number;
  /** Minutes that the writer's clock is ahead of UTC; 0 where the zone is unknown (RFC 5322 §3.3, `-0000`). */
  readonly offsetMinutes: number;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Zones of RFC 5322 §4.3, in minutes. Others, and the military ones, count as unknown. */
const zones: Readonly<Record<string, number>> = { est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420 };

/** Fields of a date before they are checked. */
interface DateFields {
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly offsetMinutes: number;
}

const longest = 200;
const usual =
  /^(?:[A-Za-z]{3,9}\.?[ ]?,?[ ]?)?(\d{1,2})[ ]([A-Za-z]{3})[a-z]{0,6}[ ](\d{2,4})[ ](\d{1,2}):(\d{2})(?::(\d{2}))?[ ]?(?:([+-])(\d{2}):?(\d{2})|([A-Za-z]{1,5}))?$/;

const encodedWord = /=\?[^?\s]{1,64}\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi;
/** What ISO-2022 has beyond ASCII, in bytes that look like it. */
const shifted = /\x1b\$[^\x1b]*/g;

/** The bytes of encoded words, as characters: what a date is made of is ASCII, the rest stands in comments. No charset is needed for that. */
function decodeWords(text: string): string {
  const decoded = text.replace(encodedWord, (_, encoding: string, content: string) => {
    if (encoding === 'b' || encoding === 'B') {
      const bytes = decodeBase64(content);
      return bytes.ok ? toLatin1(bytes.value) : '';
    }
    return content
      .replaceAll('_', ' ')
      .replace(/=([0-9a-f]{2})/gi, (__, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  });
  return decoded.replace(shifted, '');
}

/**
 * Takes comments out, makes every run of white space one space, and takes the space off that the obsolete syntax lets stand around
 * the colons of the time (RFC 5322 §4.3).
 */
function plain(text: string): string {
  const cut = text.length > longest ? text.slice(0, longest) : text;
  const start = cut.includes('=?') ? decodeWords(cut) : cut;
  let depth = 0;
  let kept = start;
  if (start.includes('(')) {
    kept = '';
    for (const character of start) {
      if (character === '(') depth++;
      else if (character === ')' && depth > 0) {
        depth--;
        kept += ' ';
      } else if (depth === 0) kept += character;
    }
  }
  const spaced = kept.replace(/\s+/g, ' ').trim();
  return spaced.includes(' :') || spaced.includes(': ') ? spaced.replace(/(\d) ?: ?(?=\d)/g, '$1:') : spaced;
}

function monthNumber(name: string): number {
  return monthNames.indexOf(name.slice(0, 3).toLowerCase());
}

/** RFC 5322 §4.3: years of two digits are 1950 to 2049, of three digits they count from 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

function offsetOf(sign: string | undefined, hours: string | undefined, minutes: string | undefined = '0'): number {
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total >= 24 * 60) return 0;
  return sign === '-' && total !== 0 ? -total : total;
}

function checked(fields: DateFields): MessageDate | undefined {
  const { year, month, day, hour, minute, second, offsetMinutes } = fields;
  if (month < 0 || month > 11 || year < 1900 || year > 9999 || hour > 24 || minute > 59 || second > 60) return undefined;
  // The end of a day may be written as its hour 24 (ISO 8601).
  if (hour === 24 && minute + second > 0) return undefined;
  if (day < 1 || day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return undefined;
  // A leap second has no number of its own: it is that of the second behind it.
  return { instant: Date.UTC(year, month, day, hour, minute, second) - offsetMinutes * 60_000, offsetMinutes };
}

const isoDate =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?[ ]?(?:([+-])(\d{2}):?(\d{2})?|([A-Za-z]{1,5}))?$/;

function parseIso(text: string): MessageDate | undefined {
  const match = isoDate.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', sign, hours, minutes, zone] = match;
  return checked({
    year: Number(year),
    month: Number(month) - 1,
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    offsetMinutes: sign === undefined ? namedZone(zone) : offsetOf(sign, hours, minutes),
  });
}

const timeOfDay = /(?<![\d:.])(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2})(?:[.,]\d{1,9})?)?(?![\d:])[ ]?([AaPp]\.?[Mm](?![A-Za-z]))?/;
/** `+0100`, `+01:00`, `+01`, `+1`, `-600`, a sign that stands by itself, and none right behind the time. */
const numericZone = /(?:^|[^\d])([+-])[ ]?(\d{1,2})(?::?(\d{2}))?(?!\d)/;
const unsignedZone = /^[ ]?(\d{2})(\d{2})(?!\d)$/;

function hourOf(digits: string, half: string | undefined): number {
  const hour = Number(digits);
  if (half === undefined || hour > 12) return hour;
  return (hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0);
}

function namedZone(name: string | undefined): number {
  return zones[name?.toLowerCase() ?? ''] ?? 0;
}

function zoneOf(text: string): number {
  const numeric = numericZone.exec(text);
  if (numeric) return offsetOf(numeric[1], numeric[2], numeric[3]);
  const unsigned = unsignedZone.exec(text);
  // 1997 behind a time is a year, and no zone is so far ahead.
  if (unsigned && Number(unsigned[1]) <= 14) return offsetOf('+', unsigned[1], unsigned[2]);
  for (const word of text.match(/[A-Za-z]+/g) ?? []) {
    const offset = zones[word.toLowerCase()];
    if (offset !== undefined) return offset;
  }
  return 0;
}

/** Day, month and year out of the text before a time: a month's name and two numbers, in any order. */
function looseDay(text: string, yearBehind: string | undefined): Pick<DateFields, 'year' | 'month' | 'day'> | undefined {
  const words = text.match(/[A-Za-z]+/g) ?? [];
  const month = words.map(monthNumber).find((index, at) => index >= 0 && (words[at]?.length ?? 0) >= 3);
  const numbers: readonly string[] = text.match(/\d+/g) ?? [];
  const dayIndex = numbers.findIndex((digits) => digits.length <= 2);
  const day = numbers[dayIndex];
  const others = numbers.filter((_, index) => index !== dayIndex);
  const year = yearBehind ?? others.find((digits) => digits.length > 2) ?? others[0];
  return month === undefined || day === undefined || year === undefined ? undefined : { year: fullYear(year), month, day: Number(day) };
}

/** Reads dates whose parts stand in another order or with other signs between them; without a time it is the day's start. */
function parseLoosely(text: string): MessageDate | undefined {
  const time = timeOfDay.exec(text);
  if (!time) {
    const day = /\d{4}$/.test(text) ? looseDay(text, undefined) : undefined;
    return day && checked({ ...day, hour: 0, minute: 0, second: 0, offsetMinutes: 0 });
  }
  const [, hour = '', minute, second = '0', half] = time;
  const behind = text.slice(time.index + time[0].length);
  // The year of asctime stands behind the time, and so may a zone; a sign before the time parts day, month and year.
  const day = looseDay(text.slice(0, time.index), /(?:^|[ ])((?:19|2\d)\d{2})(?=[ ]|$)/.exec(behind)?.[1]);
  return (
    day &&
    checked({
      ...day,
      hour: hourOf(hour, half),
      minute: Number(minute),
      second: Number(second),
      offsetMinutes: zoneOf(behind),
    })
  );
}

/**
 * Reads the value of a Date field: RFC 5322 §3.3, the obsolete forms of RFC 5322 §4.3, and what else is met with:
 * the order of asctime, hyphens between the parts, month names written out, ISO 8601, a missing zone, a missing time. Undefined where
 * it is no date.
 */
export function parseDate(text: string): MessageDate | undefined {
  const value = plain(text);
  const match = usual.exec(value);
  if (!match || match[10]?.toLowerCase() === 'pm' || match[10]?.toLowerCase() === 'am') return parseIso(value) ?? parseLoosely(value);
  const [, day, month = '', year = '', hour, minute, second = '0', sign, hours, minutes, zone] = match;
  return checked({
    year: fullYear(year),
    month: monthNumber(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    offsetMinutes: sign === undefined ? namedZone(zone) : offsetOf(sign, hours, minutes),
  });
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** Writes a date as RFC 5322 §3.3 wants it, e.g. `Fri, 21 Nov 1997 09:55:06 -0600`. The offset is UTC's unless given. */
export function formatDate(instant: number, offsetMinutes: number = 0): string {
  const local = new Date(instant + offsetMinutes * 60_000);
  const day = `${dayNames[local.getUTCDay()]}, ${local.getUTCDate()} ${capital(monthNames[local.getUTCMonth()] ?? '')} ${String(local.getUTCFullYear()).padStart(4, '0')}`;
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  const offset = Math.abs(offsetMinutes);
  return `${day} ${time} ${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(offset / 60))}${two(offset % 60)}`;
}
