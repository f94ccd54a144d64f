const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const monthByName = /* @__PURE__ */ new Map(/* @__PURE__ */ months.map((name, index) => [name.toLowerCase(), index]));

const dateTimePattern = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
const datePattern = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/;

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function utcDay(day: string, monthName: string, year: string): number | undefined {
  const month = monthByName.get(monthName.toLowerCase());
  if (month === undefined || Number(day) < 1 || Number(day) > (daysInMonth[month] ?? 0)) return undefined;
  // Date.UTC takes years below 100 for those of the twentieth century.
  const time =
    Number(year) < 100 ? new Date(0).setUTCFullYear(Number(year), month, Number(day)) : Date.UTC(Number(year), month, Number(day));
  // 29 February is carried over into March where there is none.
  return month === 1 && Number(day) === 29 && new Date(time).getUTCMonth() !== 1 ? undefined : time;
}

/** A date-time without its quotes, e.g. ` 7-Feb-1994 21:52:25 -0800` (RFC 9051 §9), in milliseconds since 1970. */
export function parseDateTime(text: string): number | undefined {
  const match = dateTimePattern.exec(text);
  if (!match) return undefined;
  const [, day = '', month = '', year = '', hours, minutes, seconds, sign, zoneHours, zoneMinutes] = match;
  const midnight = utcDay(day.trim(), month, year);
  if (midnight === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes));
  return midnight + (Number(hours) * 60 + Number(minutes) - offsetMinutes) * 60_000 + Number(seconds) * 1000;
}

/** A date-text, e.g. `1-Feb-1994` (RFC 9051 §9), as its midnight in UTC, in milliseconds since 1970. */
export function parseDateText(text: string): number | undefined {
  const match = datePattern.exec(text);
  return match ? utcDay(match[1] ?? '', match[2] ?? '', match[3] ?? '') : undefined;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** A date-time with its quotes, in UTC: `"07-Feb-1994 21:52:25 +0000"` (RFC 9051 §9). Whole seconds. */
export function formatDateTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `"${two(date.getUTCDate())}-${months[date.getUTCMonth()]}-${year} ${time} +0000"`;
}

/** A date-text in UTC: `7-Feb-1994`. */
export function formatDateText(milliseconds: number): string {
  const date = new Date(milliseconds);
  return `${date.getUTCDate()}-${months[date.getUTCMonth()]}-${String(date.getUTCFullYear()).padStart(4, '0')}`;
}
