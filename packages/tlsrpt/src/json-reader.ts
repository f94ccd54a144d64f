/** Something in a report that RFC 8460 does not allow, and that the parser coped with. */
export interface TlsReportDefect {
  /** Where it is, e.g. `policies[0].policy.mx-host`. */
  readonly path: string;
  readonly problem: string;
}

const mostDefects = 100;
const mostTexts = 10_000;
const dateTime = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?([Zz]|[+-]\d\d:?\d\d)?$/;

/** A JSON object. */
export type Json = { readonly [key: string]: unknown };

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads values out of JSON by path, noting what is not as it should be. */
export class JsonReader {
  readonly defects: TlsReportDefect[] = [];

  defect(path: string, problem: string): void {
    if (this.defects.length < mostDefects) this.defects.push({ path, problem });
  }

  object(parent: Json, key: string, path: string): Json {
    const value = parent[key];
    if (isObject(value)) return value;
    this.defect(`${path}${key}`, value === undefined ? 'is missing' : 'is not an object');
    return {};
  }

  text(parent: Json, key: string, path: string): string {
    const value = parent[key];
    if (typeof value === 'string') return value;
    if (typeof value === 'number') {
      this.defect(`${path}${key}`, 'is a number, not a string');
      return String(value);
    }
    this.defect(`${path}${key}`, value === undefined ? 'is missing' : 'is not a string');
    return '';
  }

  optionalText(parent: Json, key: string, path: string): string | undefined {
    const value = parent[key];
    if (value === undefined || value === null || value === '') return undefined;
    return this.text(parent, key, path);
  }

  count(parent: Json, key: string, path: string): number {
    const value = parent[key];
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) {
      if (typeof value === 'string') this.defect(`${path}${key}`, 'is a string, not a number');
      return number;
    }
    this.defect(`${path}${key}`, value === undefined ? 'is missing' : 'is not a count');
    return 0;
  }

  time(parent: Json, key: string, path: string): number {
    const text = this.text(parent, key, path);
    const [, date, clock = '', zone = ''] = dateTime.exec(text) ?? [];
    // Without an offset UTC is meant: the zone of this machine it cannot be.
    const time =
      date === undefined ? Number.NaN : Date.parse(`${date}T${clock}${zone === '' ? 'Z' : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
    if (text !== '' && (Number.isNaN(time) || zone === '')) this.defect(`${path}${key}`, 'is not a date and time of RFC 3339');
    return Number.isNaN(time) ? 0 : time;
  }

  /** A list of texts; big reporters write a single one without its list. */
  texts(parent: Json, key: string, path: string): readonly string[] {
    const value = parent[key];
    if (value === undefined || value === null) return [];
    if (typeof value === 'string') {
      this.defect(`${path}${key}`, 'is a string, not a list');
      return [value];
    }
    if (!Array.isArray(value)) {
      this.defect(`${path}${key}`, 'is not a list');
      return [];
    }
    const texts = value.slice(0, mostTexts).filter((item): item is string => typeof item === 'string');
    if (texts.length < value.length) this.defect(`${path}${key}`, 'has entries that are no strings, or too many');
    return texts;
  }

  objects(parent: Json, key: string, path: string, most: number): readonly Json[] {
    const value = parent[key];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.defect(`${path}${key}`, 'is not a list');
      return isObject(value) ? [value] : [];
    }
    const objects = value.slice(0, most).filter(isObject);
    if (objects.length < value.length) this.defect(`${path}${key}`, `has entries that are no objects, or more than ${most}`);
    return objects;
  }
}
