import type { AggregateReportDefect } from './aggregate-report.ts';
import type { XmlElement } from './element-stream.ts';

/** Reads values out of elements, noting what is not as it should be. Of an element that is missing that alone is noted. */
export class ElementReader {
  readonly defects: AggregateReportDefect[] = [];
  readonly #mostDefects: number;

  constructor(mostDefects: number) {
    this.#mostDefects = mostDefects;
  }

  defect(path: string, problem: string): void {
    if (this.defects.length < this.#mostDefects) this.defects.push({ path, problem });
  }

  /** Notes children whose names are not known. */
  expect(parent: XmlElement | undefined, path: string, names: ReadonlySet<string>): void {
    for (const child of parent?.children ?? []) if (!names.has(child.name)) this.defect(`${path}.${child.name}`, 'is not known');
  }

  /** The child of a name; where there are several, the first. */
  find(parent: XmlElement | undefined, name: string, path: string): XmlElement | undefined {
    let found: XmlElement | undefined;
    for (const child of parent?.children ?? []) {
      if (child.name !== name) continue;
      if (found) {
        this.defect(`${path}.${name}`, 'is there more than once');
        return found;
      }
      found = child;
    }
    return found;
  }

  require(parent: XmlElement | undefined, name: string, path: string): XmlElement | undefined {
    const child = this.find(parent, name, path);
    if (!child && parent) this.defect(`${path}.${name}`, 'is missing');
    return child;
  }

  /** The text of a child, without white space around it; undefined where it is not there. */
  optionalText(parent: XmlElement | undefined, name: string, path: string): string | undefined {
    return this.find(parent, name, path)?.text.trim();
  }

  /** The text of a child, which must be there and not be empty. */
  text(parent: XmlElement | undefined, name: string, path: string): string {
    const text = this.optionalText(parent, name, path);
    if (parent && (text === undefined || text === '')) this.defect(`${path}.${name}`, text === undefined ? 'is missing' : 'is empty');
    return text ?? '';
  }

  /** One of the words allowed, in any case; undefined where it is none of them, is empty or is not there. */
  optionalWord<T extends string>(parent: XmlElement | undefined, name: string, path: string, allowed: readonly T[]): T | undefined {
    const text = this.optionalText(parent, name, path);
    if (text === undefined) return undefined;
    const exact = allowed.find((word) => word === text);
    if (exact !== undefined) return exact;
    const word = allowed.find((one) => one === text.toLowerCase());
    const problem = text === '' ? 'is empty' : word === undefined ? `is ${JSON.stringify(text.slice(0, 40))}` : 'is not in lower case';
    this.defect(`${path}.${name}`, problem);
    return word;
  }

  /** The same for a word that must be there, with what is taken without it. */
  word<T extends string>(parent: XmlElement | undefined, name: string, path: string, allowed: readonly T[], otherwise: T): T {
    const found = this.optionalWord(parent, name, path, allowed);
    if (parent && found === undefined && !this.find(parent, name, path)) this.defect(`${path}.${name}`, 'is missing');
    return found ?? otherwise;
  }

  /** A whole number that is not negative; undefined where it is none. */
  wholeNumber(parent: XmlElement | undefined, name: string, path: string): number | undefined {
    const text = this.text(parent, name, path);
    if (text === '') return undefined;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    const number = /^\d{1,15}(?:\.\d*)?(?:e\d)?$/i.test(text) ? Number(text) : Number.NaN;
    this.defect(`${path}.${name}`, Number.isNaN(number) ? 'is not a number' : 'is not a whole number');
    return Number.isNaN(number) ? undefined : Math.floor(number);
  }

  /** A time, in milliseconds; 0 where there is none. */
  time(parent: XmlElement | undefined, name: string, path: string): number {
    const text = this.text(parent, name, path);
    if (/^\d{1,11}$/.test(text)) return Number(text) * 1000;
    if (text === '') return 0;
    // Seconds with a fraction, milliseconds, and dates of ISO 8601 have all been seen.
    const time = /^\d{1,11}\.\d{1,9}$/.test(text) ? Number(text) * 1000 : /^\d{13}$/.test(text) ? Number(text) : isoTime(text);
    this.defect(`${path}.${name}`, 'is not a number of seconds');
    return Number.isNaN(time) ? 0 : Math.floor(time / 1000) * 1000;
  }
}

/** A date of ISO 8601; without an offset UTC is meant, whatever the zone of this machine. */
function isoTime(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?(Z|[+-]\d\d:\d\d)?)?$/i.exec(text);
  return match ? Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}${match[3] ?? 'Z'}`) : Number.NaN;
}
