// Chains with odd fields: each signature is right for what its field says, however odd that is.
import { BodyHashes, type RawField, readRawField, readRawFields, SignedHeader } from '@mox/dkim';
import { encodeBase64 } from '@mox/encoding';
import { fromLatin1, type PrivateKey } from '@mox/runtime';

/** The message of all chains: header section and body. */
export const plain: readonly [string, string] = [
  'From: Jane <jane@example.org>\r\nTo: list@example.net\r\nSubject: odd  chains\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n',
  'one  line\r\nanother \r\n\r\n',
];

/** The three fields of a set, in the order they stand in. */
export interface ChainSet {
  seal: string;
  messageSignature: string;
  authenticationResults: string;
}

/** The fields of a set before they are signed; `%h` and `%b` stand for what is computed. */
export function plainSet(instance: number): ChainSet {
  const signing = 'a=rsa-sha256; d=example.org; s=arc; t=1700000000';
  return {
    seal: `ARC-Seal: i=${instance}; cv=${instance === 1 ? 'none' : 'pass'}; ${signing}; b=%b`,
    messageSignature: `ARC-Message-Signature: i=${instance}; ${signing}; c=relaxed/relaxed; h=from:to:subject; bh=%h; b=%b`,
    authenticationResults: `ARC-Authentication-Results: i=${instance}; mx.example.org; arc=${instance === 1 ? 'none' : 'pass'}`,
  };
}

function field(text: string): RawField {
  const found = readRawField({ text: `${text}\r\n` });
  if (!found) throw new Error(`no field: ${text}`);
  return found;
}

async function signField(key: PrivateKey, text: string, fields: readonly RawField[]): Promise<string> {
  const data = new SignedHeader(1).write(fields, field(text.replace(/\s*%b\s*/, '')), 'relaxed');
  return text.replace('%b', encodeBase64(await key.sign('rsa-sha256', data)));
}

/** The names that a tag `h` has. */
function namesOf(text: string): string[] {
  const list = /[;\s]h\s*=([^;]*)/.exec(text)?.[1] ?? '';
  return list.split(':').map((name) => name.trim());
}

/** Signs the sets one on top of the other: the sets as they stand in the message, the first custodian's first. */
export async function sealSets(key: PrivateKey, sets: readonly ChainSet[]): Promise<ChainSet[]> {
  const request = { canonicalization: 'relaxed', algorithm: 'sha256' } as const;
  const hashes = new BodyHashes([request]);
  hashes.end(fromLatin1(plain[1]));
  const bodyHash = encodeBase64(hashes.get(request).digest);
  const sealed: ChainSet[] = [];
  const before: RawField[] = [];
  for (const set of sets) {
    const header = `${sealed
      .toReversed()
      .flatMap((one) => Object.values<string>({ ...one }).map((text) => `${text}\r\n`))
      .join('')}${plain[0]}`;
    const signature = set.messageSignature.replace('%h', bodyHash);
    const messageSignature = await signField(key, signature, readRawFields(header).select(namesOf(signature)));
    before.push(field(set.authenticationResults), field(messageSignature));
    const seal = await signField(key, set.seal, before);
    before.push(field(seal));
    sealed.push({ seal, messageSignature, authenticationResults: set.authenticationResults });
  }
  return sealed;
}

/** Field texts on top of the message. */
export function withFields(fields: readonly string[]): Uint8Array {
  return fromLatin1(`${fields.map((text) => `${text}\r\n`).join('')}${plain[0]}\r\n${plain[1]}`);
}

/** The fields of sets, the newest on top. */
export function fieldsOf(sets: readonly ChainSet[]): string[] {
  return sets.toReversed().flatMap((set) => [set.seal, set.messageSignature, set.authenticationResults]);
}

/**
 * A change of a field of a set: which, what is replaced, and by what; all is signed after it. Then what RFC 8617 §5.2 makes of the chain
 * where the set is the newest, and where another follows.
 */
export type SetRow = readonly [name: keyof ChainSet, from: string | RegExp, to: string, newest: 'pass' | 'fail', middle: 'pass' | 'fail'];

export const setRows: readonly SetRow[] = [
  ['seal', 'i=2', 'i=2', 'pass', 'pass'],
  // ARC-Seal
  ['seal', 'i=2; ', '', 'fail', 'fail'],
  ['seal', 'i=2', 'i=02', 'pass', 'pass'],
  ['seal', 'i=2', 'i=002', 'fail', 'fail'],
  ['seal', 'i=2', 'i= 2 ', 'pass', 'pass'],
  ['seal', 'i=2', 'i=\r\n 2', 'pass', 'pass'],
  ['seal', 'i=2', 'i=+2', 'fail', 'fail'],
  ['seal', 'i=2', 'i=2.0', 'fail', 'fail'],
  ['seal', 'i=2', 'i=0', 'fail', 'fail'],
  ['seal', 'i=2', 'i=-2', 'fail', 'fail'],
  ['seal', 'i=2', 'i=3', 'fail', 'fail'],
  ['seal', 'i=2', 'i=1', 'fail', 'fail'],
  ['seal', 'i=2', 'i=', 'fail', 'fail'],
  ['seal', 'i=2', 'i=two', 'fail', 'fail'],
  ['seal', 'i=2', 'i=51', 'fail', 'fail'],
  ['seal', 'i=2', 'I=2', 'fail', 'fail'],
  ['seal', 'i=2; ', 'i=2; i=2; ', 'fail', 'fail'],
  ['seal', /i=2; (.*); b=%b/, '$1; i=2; b=%b', 'pass', 'pass'],
  ['seal', 'cv=pass; ', '', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=none', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=fail', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=PASS', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=Pass', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv= pass ', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=p ass', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=neutral', 'fail', 'fail'],
  ['seal', 'cv=pass', 'CV=pass', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=pass; cv=pass', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=pass; h=from', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=pass; h=', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=pass; H=from', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; bh=AAAA', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; c=relaxed/relaxed', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; c=simple/simple', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; v=1', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; l=5', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; q=dns/txt', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; x=1700000001', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; unknown=tag', 'pass', 'pass'],
  ['seal', 'cv=pass', 'cv=pass; unknown', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=pass; 1=x', 'fail', 'fail'],
  ['seal', 'cv=pass', 'cv=pass;; unknown=tag', 'fail', 'fail'],
  ['seal', 'a=rsa-sha256; ', '', 'fail', 'fail'],
  ['seal', 'a=rsa-sha256', 'a=rsa-sha1', 'fail', 'fail'],
  ['seal', 'a=rsa-sha256', 'a=rsa-sha512', 'fail', 'fail'],
  ['seal', 'a=rsa-sha256', 'a=ed25519-sha256', 'fail', 'fail'],
  ['seal', 'a=rsa-sha256', 'a=', 'fail', 'fail'],
  ['seal', 'd=example.org; ', '', 'fail', 'fail'],
  ['seal', 'd=example.org', 'd=', 'fail', 'fail'],
  ['seal', 'd=example.org', 'd=EXAMPLE.org', 'pass', 'pass'],
  ['seal', 'd=example.org', 'd=example.net', 'fail', 'fail'],
  ['seal', 's=arc; ', '', 'fail', 'fail'],
  ['seal', 's=arc', 's=', 'fail', 'fail'],
  ['seal', 's=arc', 's=other', 'fail', 'fail'],
  ['seal', '; t=1700000000', '', 'pass', 'pass'],
  ['seal', 't=1700000000', 't=', 'fail', 'fail'],
  ['seal', 't=1700000000', 't=yesterday', 'fail', 'fail'],
  ['seal', 't=1700000000', 't=4000000000', 'pass', 'pass'],
  ['seal', '; b=%b', '', 'fail', 'fail'],
  ['seal', 'b=%b', 'b=', 'fail', 'fail'],
  ['seal', 'b=%b', 'b= %b ;', 'pass', 'pass'],
  ['seal', 'b=%b', 'b=*%b', 'fail', 'fail'],
  ['seal', 'b=%b', 'b=AAAA%b', 'fail', 'fail'],
  ['seal', 'ARC-Seal: ', 'ARC-Seal:', 'pass', 'pass'],
  ['seal', 'ARC-Seal: ', 'arc-seal: ', 'pass', 'pass'],
  ['seal', 'ARC-Seal: ', 'ARC-SEAL:\r\n\t', 'pass', 'pass'],
  ['seal', 'ARC-Seal: ', 'ARC-Seal : ', 'pass', 'pass'],
  // ARC-Message-Signature
  ['messageSignature', 'i=2; ', '', 'fail', 'fail'],
  ['messageSignature', 'i=2', 'i=02', 'pass', 'pass'],
  ['messageSignature', 'i=2', 'i=3', 'fail', 'fail'],
  ['messageSignature', 'i=2', 'i=1', 'fail', 'fail'],
  ['messageSignature', 'i=2', 'i= 2', 'pass', 'pass'],
  ['messageSignature', 'i=2', 'i=jane@example.org', 'fail', 'fail'],
  ['messageSignature', 'i=2; ', 'i=2; v=1; ', 'pass', 'pass'],
  ['messageSignature', 'i=2; ', 'i=2; v=2; ', 'pass', 'pass'],
  ['messageSignature', 'i=2; ', 'i=2; i=2; ', 'fail', 'fail'],
  ['messageSignature', 'i=2; ', 'i=2; cv=fail; ', 'pass', 'pass'],
  ['messageSignature', /i=2; (.*); b=%b/, '$1; i=2; b=%b', 'pass', 'pass'],
  ['messageSignature', 'a=rsa-sha256; ', '', 'fail', 'pass'],
  ['messageSignature', 'a=rsa-sha256', 'a=rsa-sha1', 'fail', 'pass'],
  ['messageSignature', 'a=rsa-sha256', 'a=rsa-sha512', 'fail', 'pass'],
  ['messageSignature', 'c=relaxed/relaxed; ', '', 'pass', 'pass'],
  ['messageSignature', 'c=relaxed/relaxed', 'c=', 'fail', 'pass'],
  ['messageSignature', 'c=relaxed/relaxed', 'c=relaxed', 'fail', 'pass'],
  ['messageSignature', 'c=relaxed/relaxed', 'c=nowsp/relaxed', 'fail', 'pass'],
  ['messageSignature', 'd=example.org; ', '', 'fail', 'pass'],
  ['messageSignature', 's=arc; ', '', 'fail', 'pass'],
  ['messageSignature', 's=arc', 's=other', 'fail', 'pass'],
  ['messageSignature', 'h=from:to:subject; ', '', 'fail', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=', 'pass', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=to:subject', 'pass', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from : to :\r\n subject', 'pass', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from:to:subject:x-none', 'pass', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from:from:to:subject', 'pass', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from:arc-seal', 'fail', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from:ARC-Seal:ARC-Seal', 'fail', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from:arc-message-signature', 'pass', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from:arc-authentication-results', 'pass', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from:authentication-results', 'pass', 'pass'],
  ['messageSignature', 'h=from:to:subject', 'h=from:x-arc-seal', 'pass', 'pass'],
  ['messageSignature', 'bh=%h; ', '', 'fail', 'pass'],
  ['messageSignature', 'bh=%h', 'bh=', 'fail', 'pass'],
  ['messageSignature', 'bh=%h', 'bh=AAAA%h', 'fail', 'pass'],
  ['messageSignature', '; b=%b', '', 'fail', 'pass'],
  ['messageSignature', 'b=%b', 'b=;', 'fail', 'pass'],
  ['messageSignature', 'b=%b', 'b=AAAA%b', 'fail', 'pass'],
  ['messageSignature', 'bh=', 'x=1600000000; bh=', 'fail', 'pass'],
  ['messageSignature', 'bh=', 'x=1700000001; bh=', 'fail', 'pass'],
  ['messageSignature', 'bh=', 'x=4000000000; bh=', 'pass', 'pass'],
  ['messageSignature', 'bh=', 'l=19; bh=', 'pass', 'pass'],
  ['messageSignature', 'bh=', 'l=0; bh=', 'fail', 'pass'],
  ['messageSignature', 'bh=', 'q=http/x; bh=', 'fail', 'pass'],
  ['messageSignature', 'bh=', 'unknown=tag; bh=', 'pass', 'pass'],
  ['messageSignature', 't=1700000000', 't=4000000000', 'fail', 'pass'],
  ['messageSignature', 't=1700000000', 't=x', 'fail', 'pass'],
  // ARC-Authentication-Results
  ['authenticationResults', 'i=2; ', '', 'fail', 'fail'],
  ['authenticationResults', 'i=2', 'i=02', 'pass', 'pass'],
  ['authenticationResults', 'i=2', 'i=3', 'fail', 'fail'],
  ['authenticationResults', 'i=2', 'i=1', 'fail', 'fail'],
  ['authenticationResults', 'i=2', 'I=2', 'fail', 'fail'],
  ['authenticationResults', 'i=2', 'i = 2 ', 'pass', 'pass'],
  ['authenticationResults', ' i=2', '\r\n\ti=2\r\n ', 'pass', 'pass'],
  ['authenticationResults', ' i=2', ' (comment) i=2', 'pass', 'pass'],
  ['authenticationResults', 'i=2', 'i=2 (comment)', 'pass', 'pass'],
  ['authenticationResults', 'i=2;', 'i=2', 'fail', 'fail'],
  ['authenticationResults', 'i=2;', 'i=2,', 'fail', 'fail'],
  ['authenticationResults', /i=2; (.*)/, '$1; i=2', 'fail', 'fail'],
  ['authenticationResults', /mx.*/, '', 'pass', 'pass'],
  ['authenticationResults', /mx.*/, 'mx.example.org', 'pass', 'pass'],
  ['authenticationResults', /mx.*/, 'mx.example.org; none', 'pass', 'pass'],
  ['authenticationResults', /mx.*/, '=;=;=', 'pass', 'pass'],
  ['authenticationResults', /mx.*/, 'mx.example.org; spf=pass smtp.mailfrom=a@b.example; i=3; arc=fail', 'pass', 'pass'],
  ['authenticationResults', /mx.*/, 'mx.example.org; dkim=pass header.i=@example.org (i=9)', 'pass', 'pass'],
];

/** A chain, and what RFC 8617 makes of it. */
export interface OddChain {
  readonly title: string;
  readonly status: 'none' | 'pass' | 'fail';
  readonly message: Uint8Array;
}

function show(text: string | RegExp): string {
  return typeof text === 'string' ? JSON.stringify(text) : String(text);
}

/** A row for the newest of two sets, and for the middle one of three. */
async function rowChains(key: PrivateKey, [name, from, to, newest, middle]: SetRow): Promise<OddChain[]> {
  return Promise.all(
    ([2, 3] as const).map(async (count) => {
      const sets = Array.from({ length: count }, (_, i) => plainSet(i + 1));
      const changed = sets[1] as ChainSet;
      changed[name] = changed[name].replace(from, to);
      const message = withFields(fieldsOf(await sealSets(key, sets)));
      return { title: `2 of ${count}, ${name}: ${show(from)} -> ${show(to)}`, status: count === 2 ? newest : middle, message };
    }),
  );
}

/** Three whole sets that were taken apart and put together otherwise. */
async function structureChains(key: PrivateKey): Promise<OddChain[]> {
  const fields = fieldsOf(await sealSets(key, [plainSet(1), plainSet(2), plainSet(3)]));
  const pick = (...order: number[]): string[] => order.map((i) => fields[i] as string);
  const edit = (i: number, change: (text: string) => string): string[] => fields.map((text, at) => (at === i ? change(text) : text));
  const name = (i: number): string => /^[\w-]+: i=\d/.exec(fields[i] as string)?.[0] ?? '';
  const made: [string, OddChain['status'], string[]][] = [
    ['no set', 'none', []],
    ['the oldest on top', 'pass', pick(6, 7, 8, 3, 4, 5, 0, 1, 2)],
    ['upside down', 'pass', pick(8, 7, 6, 5, 4, 3, 2, 1, 0)],
    ['by kind', 'pass', pick(0, 3, 6, 1, 4, 7, 2, 5, 8)],
    ['without the newest set', 'pass', pick(3, 4, 5, 6, 7, 8)],
    ['without the middle set', 'fail', pick(0, 1, 2, 6, 7, 8)],
    ['without the oldest set', 'fail', pick(0, 1, 2, 3, 4, 5)],
  ];
  for (const i of fields.keys()) {
    const relaxed = 'pass' as const;
    made.push([`only ${name(i)}`, 'fail', pick(i)]);
    made.push([`without ${name(i)}`, 'fail', fields.filter((_, at) => at !== i)]);
    made.push([`twice ${name(i)}, on top`, 'fail', [fields[i] as string, ...fields]]);
    made.push([`twice ${name(i)}, at the end`, 'fail', [...fields, fields[i] as string]]);
    // A message signature that does not hold any more breaks nothing in an older set; but its seal covers it.
    if (/b=/.test(fields[i] as string))
      made.push([`another signature in ${name(i)}`, 'fail', edit(i, (text) => text.replace(/b=..../, 'b=AAAA'))]);
    made.push([`a space more in ${name(i)}`, relaxed, edit(i, (text) => text.replace('; ', ';  '))]);
    made.push([`a space elsewhere in ${name(i)}`, 'fail', edit(i, (text) => text.replace('; ', ' ;'))]);
    made.push([`folded ${name(i)}`, relaxed, edit(i, (text) => text.replaceAll('; ', ';\r\n\t'))]);
  }
  return made.map(([title, status, texts]) => ({ title, status, message: withFields(texts) }));
}

/** All odd chains, by a key of `arc._domainkey.example.org`. */
export async function makeOddChains(key: PrivateKey): Promise<OddChain[]> {
  const rows = await Promise.all(setRows.map((row) => rowChains(key, row)));
  return [...rows.flat(), ...(await structureChains(key))];
}
