// Imported as `#single-byte`, so that dist/ has a file for it: bundlers keep CommonJS whole, and drop the file where no charset is decoded.
import named from 'iconv-lite/encodings/sbcs-data.js';
import generated from 'iconv-lite/encodings/sbcs-data-generated.js';

const tables: ReadonlyMap<string, string | { readonly chars: string }> = new Map([...Object.entries(generated), ...Object.entries(named)]);

/** The 256 characters of a single-byte charset, by its name in iconv-lite's tables; undefined where there is no such table. */
function findCharacters(name: string): string | undefined {
  let entry = tables.get(name);
  for (let hops = 0; typeof entry === 'string' && hops < 4; hops++) entry = tables.get(entry);
  if (typeof entry !== 'object') return undefined;
  return entry.chars.length === 256 ? entry.chars : asciiCharacters + entry.chars;
}

const asciiCharacters: string = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code));
const loaded = new Map<string, Uint16Array>();

/** Code units by byte of a single-byte charset that the platform has no decoder for: DOS and Macintosh pages, VISCII and the like. */
export function singleByteTable(name: string): Uint16Array | undefined {
  const known = loaded.get(name);
  if (known) return known;
  const characters = findCharacters(name);
  if (characters === undefined) return undefined;
  const table = Uint16Array.from({ length: 256 }, (_, code) => characters.charCodeAt(code));
  loaded.set(name, table);
  return table;
}
