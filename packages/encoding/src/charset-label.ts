import { singleByteTable } from '#single-byte';
import { findTextDecoder } from './stream-decoder.ts';

/** Which decoder a charset's label leads to. */
export type Charset =
  | { readonly kind: 'platform'; readonly name: string }
  | { readonly kind: 'single-byte'; readonly name: string; readonly table: Uint16Array }
  | { readonly kind: 'own'; readonly name: OwnCharset };

/** Charsets whose decoder is in this package. */
export type OwnCharset =
  | 'us-ascii'
  | 'utf-7'
  | 'utf-16'
  | 'utf-32'
  | 'utf-32be'
  | 'utf-32le'
  | 'iso-2022-jp'
  | 'iso-2022-kr'
  | 'hz-gb-2312';

/**
 * Labels without their punctuation, for charsets that the platform knows by other names or not as mail means them, aliases of IANA's registry
 * among them (RFC 2978 §2.3).
 */
const aliases: ReadonlyMap<string, string> = new Map([
  ['usascii', 'us-ascii'],
  ['ascii', 'us-ascii'],
  ['us', 'us-ascii'],
  ['646', 'us-ascii'],
  ['iso646us', 'us-ascii'],
  ['ansix341968', 'us-ascii'],
  ['cp367', 'us-ascii'],
  ['utf7', 'utf-7'],
  ['unicode11utf7', 'utf-7'],
  ['xutf7', 'utf-7'],
  ['csunicode11utf7', 'utf-7'],
  ['utf16', 'utf-16'],
  ['utf32', 'utf-32'],
  ['utf32be', 'utf-32be'],
  ['utf32le', 'utf-32le'],
  ['iso2022jp', 'iso-2022-jp'],
  ['csiso2022jp', 'iso-2022-jp'],
  ['iso2022kr', 'iso-2022-kr'],
  ['csiso2022kr', 'iso-2022-kr'],
  ['hzgb2312', 'hz-gb-2312'],
  ['hz', 'hz-gb-2312'],
  ['utf8mb4', 'utf-8'],
  ['utf8mac', 'utf-8'],
  ['cp65001', 'utf-8'],
  ['cp932', 'shift_jis'],
  ['ms932', 'shift_jis'],
  ['windows932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['ms936', 'gbk'],
  ['windows936', 'gbk'],
  ['cp54936', 'gb18030'],
  ['euccn', 'gbk'],
  ['cp949', 'euc-kr'],
  ['ms949', 'euc-kr'],
  ['uhc', 'euc-kr'],
  ['ksc5601', 'euc-kr'],
  ['cp950', 'big5'],
  ['ms950', 'big5'],
  ['windows950', 'big5'],
  ['cp51932', 'euc-jp'],
  ['iso2022jp1', 'iso-2022-jp'],
  ['iso2022jp2', 'iso-2022-jp'],
  ['iso2022jp3', 'iso-2022-jp'],
  ['iso2022jpms', 'iso-2022-jp'],
  ['cp50220', 'iso-2022-jp'],
  ['cp50221', 'iso-2022-jp'],
  ['csutf7', 'utf-7'],
  ['csutf8', 'utf-8'],
  ['csutf16', 'utf-16'],
  ['csutf32', 'utf-32'],
  ['iso10646ucs4', 'utf-32'],
  ['csucs4', 'utf-32'],
  ['csgb18030', 'gb18030'],
  ['csbig5hkscs', 'big5'],
  ['cswindows31j', 'shift_jis'],
  ['extendedunixcodepackedformatforjapanese', 'euc-jp'],
  ['cp154', 'pt154'],
  ['ptcp154', 'pt154'],
  ['cyrillicasian', 'pt154'],
  ['ibm00858', 'cp858'],
  ['cp00858', 'cp858'],
  ['ccsid00858', 'cp858'],
  ['kz1048', 'rk1048'],
  ['cskz1048', 'rk1048'],
  ['pcmultilingual850euro', 'cp858'],
]);

const ownCharsets: ReadonlySet<string> = new Set<OwnCharset>([
  'us-ascii',
  'utf-7',
  'utf-16',
  'utf-32',
  'utf-32be',
  'utf-32le',
  'iso-2022-jp',
  'iso-2022-kr',
  'hz-gb-2312',
]);

function isOwn(name: string | undefined): name is OwnCharset {
  return name !== undefined && ownCharsets.has(name);
}

function findPlatform(label: string): Charset | undefined {
  const decoder = findTextDecoder(label);
  // An encoding of the Encoding Standard that no charset of mail is.
  if (!decoder || decoder.encoding === 'x-user-defined' || decoder.encoding === 'replacement') return undefined;
  return { kind: 'platform', name: decoder.encoding };
}

/** Labels in other spellings, e.g. `ISO8859_15`, `cp1252`, `win-1251`. */
function respell(bare: string): string | undefined {
  const iso = /^iso8859(\d{1,2})([ei]?)$/.exec(bare);
  if (iso) return `iso-8859-${iso[1]}${iso[2] === '' ? '' : `-${iso[2]}`}`;
  const windows = /^(?:cp|ms|win|windows|xcp)(874|125\d)$/.exec(bare)?.[1];
  if (windows) return `windows-${windows}`;
  return /^latin\d$/.test(bare) ? bare : undefined;
}

function lookUp(label: string): Charset | undefined {
  const clean = label.trim().toLowerCase();
  const bare = clean.replace(/[^a-z0-9]/g, '');
  const alias = aliases.get(bare);
  if (isOwn(alias)) return { kind: 'own', name: alias };
  const platform = findPlatform(alias ?? clean) ?? findPlatform(respell(bare) ?? clean);
  if (platform) return platform;
  const table = singleByteTable(alias ?? bare) ?? singleByteTable(bare.replace(/^(?:x|cs)(?=.)/, ''));
  return table && { kind: 'single-byte', name: clean, table };
}

const known = new Map<string, Charset | undefined>();

/** The charset that a label of a message means; undefined where it is unknown. Case, blanks and punctuation do not matter. */
export function findCharset(label: string): Charset | undefined {
  if (label.length > 64) return undefined;
  let charset = known.get(label);
  if (charset || known.has(label)) return charset;
  charset = lookUp(label);
  // Labels come from peers: the memory of them is bounded.
  if (known.size >= 500) known.clear();
  known.set(label, charset);
  return charset;
}
