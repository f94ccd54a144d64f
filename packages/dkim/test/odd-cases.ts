// Odd signatures, odd key records, odd header sections: each a message that is signed as it says, however odd it is.
import { decodeBase64, encodeBase64 } from '@mox/encoding';
import { fromLatin1, hash } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { BodyHashes, type Canonicalization, type DkimStatus, readRawField, readRawFields, SignedHeader } from '../src/index.ts';
import type { makeKey } from './messages.ts';

/** A key to sign with. */
export type TestKey = Awaited<ReturnType<typeof makeKey>>;

/** A signed message and the records to verify it with: TXT texts by name. One character a byte, in all that is text. */
export interface OddCase {
  readonly title: string;
  /** What RFC 6376 makes of it. */
  readonly status: DkimStatus;
  readonly message: Uint8Array;
  readonly dns: Readonly<Record<string, readonly string[]>>;
}

/** What a signature field says, and how it is really made: what they have in common is up to the case. */
export interface RawSigning {
  /** The field from its name on, without its last CRLF; `%h` and `%b` stand for what is computed. */
  readonly field: string;
  readonly header?: Canonicalization;
  readonly body?: Canonicalization;
  /** Names of the signed fields. */
  readonly names: readonly string[];
  readonly algorithm?: 'rsa-sha256' | 'rsa-sha1' | 'ed25519-sha256';
  readonly lengthBytes?: number;
}

/** Signs a message, a header section and a body, by a field that need not be valid: the field, with its CRLF. */
export async function signRaw(key: TestKey, [header, body]: readonly [string, string], signing: RawSigning): Promise<string> {
  const algorithm = signing.algorithm ?? (key.privateKey.type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256');
  const request = {
    canonicalization: signing.body ?? 'relaxed',
    algorithm: algorithm === 'rsa-sha1' ? 'sha1' : 'sha256',
    ...(signing.lengthBytes !== undefined && { lengthBytes: signing.lengthBytes }),
  } as const;
  const hashes = new BodyHashes([request]);
  hashes.end(fromLatin1(body));
  const field = `${signing.field.replace('%h', encodeBase64(hashes.get(request).digest))}\r\n`;
  const own = readRawField({ text: field.replace(/\s*%b\s*/, '') });
  if (!own) throw new Error(`no field: ${field}`);
  const data = new SignedHeader(1).write(readRawFields(header).select(signing.names), own, signing.header ?? 'relaxed');
  const made =
    algorithm === 'ed25519-sha256' ? key.privateKey.sign('ed25519', hash('sha256', data)) : key.privateKey.sign('rsa-sha256', data);
  return field.replace('%b', encodeBase64(await made));
}

/** The message of most cases. */
export const plain: readonly [string, string] = [
  'From: Jane <jane@example.org>\r\nTo: joe@example.net\r\nSubject: odd  ends\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n',
  'one  line\r\nanother \r\n\r\n',
];

const plainField: string = 'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=%s; h=from:to:subject; bh=%h; b=%b';

/** A change of the plain signature field and what RFC 6376 §3.5 and §6.1.1 make of it: what is replaced, and by what; the signature is made after it. */
export type FieldRow = readonly [from: string, to: string, status: DkimStatus, signing?: Partial<RawSigning>];

export const fieldRows: readonly FieldRow[] = [
  ['v=1', 'v=1', 'pass'],
  // v
  ['v=1; ', '', 'policy'],
  ['v=1', 'v=2', 'neutral'],
  ['v=1', 'v=01', 'neutral'],
  ['v=1', 'v=1.0', 'neutral'],
  ['v=1', 'v=0.5', 'policy'],
  ['v=1', 'v=', 'policy'],
  ['v=1', 'v= 1 ', 'pass'],
  ['v=1', 'v\t=\r\n 1', 'pass'],
  ['v=1', 'V=1', 'policy'],
  ['v=1; ', 'v=1;; ', 'neutral'],
  ['v=1; ', 'v=1; v=1; ', 'neutral'],
  ['v=1; a=rsa-sha256; ', 'a=rsa-sha256; v=1; ', 'pass'],
  ['v=1; ', '; v=1; ', 'neutral'],
  ['b=%b', 'b=%b; v=1', 'neutral'],
  // a
  ['a=rsa-sha256; ', '', 'neutral'],
  ['a=rsa-sha256', 'a=', 'neutral'],
  ['a=rsa-sha256', 'a=RSA-SHA256', 'pass'],
  ['a=rsa-sha256', 'a=Rsa-Sha256', 'pass'],
  ['a=rsa-sha256', 'a=rsa_sha256', 'neutral'],
  ['a=rsa-sha256', 'a=rsa', 'neutral'],
  ['a=rsa-sha256', 'a=sha256', 'neutral'],
  ['a=rsa-sha256', 'a=rsa-sha512', 'neutral'],
  ['a=rsa-sha256', 'a=rsa-sha1', 'fail'],
  ['a=rsa-sha256', 'a=ed25519-sha256', 'permerror'],
  ['a=rsa-sha256', 'a=rsa-\r\n sha256', 'neutral'],
  ['a=rsa-sha256', 'a =\r\n\trsa-sha256 ', 'pass'],
  // c
  ['c=relaxed/relaxed; ', '', 'pass', { header: 'simple', body: 'simple' }],
  ['c=relaxed/relaxed', 'c=', 'neutral', { header: 'simple', body: 'simple' }],
  ['c=relaxed/relaxed', 'c=simple', 'pass', { header: 'simple', body: 'simple' }],
  ['c=relaxed/relaxed', 'c=relaxed', 'pass', { body: 'simple' }],
  ['c=relaxed/relaxed', 'c=relaxed/simple', 'pass', { body: 'simple' }],
  ['c=relaxed/relaxed', 'c=simple/relaxed', 'pass', { header: 'simple' }],
  ['c=relaxed/relaxed', 'c=simple/simple', 'pass', { header: 'simple', body: 'simple' }],
  ['c=relaxed/relaxed', 'c=relaxed/', 'neutral', { body: 'simple' }],
  ['c=relaxed/relaxed', 'c=/relaxed', 'neutral', { header: 'simple' }],
  ['c=relaxed/relaxed', 'c=relaxed/relaxed/relaxed', 'neutral'],
  ['c=relaxed/relaxed', 'c=RELAXED/RELAXED', 'pass'],
  ['c=relaxed/relaxed', 'c=relaxed / relaxed', 'neutral'],
  ['c=relaxed/relaxed', 'c=relaxed/nowsp', 'neutral'],
  ['c=relaxed/relaxed', 'c=\r\n relaxed/relaxed\r\n ', 'pass'],
  // d
  ['d=example.org; ', '', 'neutral'],
  ['d=example.org', 'd=', 'neutral'],
  ['d=example.org', 'd=EXAMPLE.Org', 'pass'],
  ['d=example.org', 'd=example.org.', 'neutral'],
  ['d=example.org', 'd=.example.org', 'neutral'],
  ['d=example.org', 'd=example .org', 'neutral'],
  ['d=example.org', 'd=\r\n example.org \t', 'pass'],
  ['d=example.org', 'd=org', 'neutral'],
  ['d=example.org', 'd=_x.example.org', 'pass'],
  ['d=example.org', 'd=-x.example.org', 'neutral'],
  ['d=example.org', 'd=x-.example.org', 'neutral'],
  ['d=example.org', 'd=x--y.example.org', 'pass'],
  ['d=example.org', 'd=1.2.3.4', 'pass'],
  ['d=example.org', 'd=x_y.example.org', 'pass'],
  ['d=example.org', 'd=x*y.example.org', 'neutral'],
  ['d=example.org', `d=${'x'.repeat(63)}.example.org`, 'pass'],
  ['d=example.org', `d=${'x'.repeat(64)}.example.org`, 'neutral'],
  ['d=example.org', 'd=sub.example.org', 'pass'],
  ['d=example.org', 'd=example.org:example.org', 'neutral'],
  ['d=example.org', 'd=jane@example.org', 'neutral'],
  // s
  ['s=%s; ', '', 'neutral'],
  ['s=%s', 's=', 'neutral'],
  ['s=%s', 's=%s.sub', 'pass'],
  ['s=%s', 's=%s_x', 'pass'],
  ['s=%s', 's=%s-', 'neutral'],
  ['s=%s', 's=%s.', 'neutral'],
  ['s=%s', 's=%s\r\n x', 'neutral'],
  ['s=%s', 's = %s ', 'pass'],
  // h
  ['h=from:to:subject; ', '', 'neutral'],
  ['h=from:to:subject', 'h=', 'neutral', { names: [] }],
  ['h=from:to:subject', 'h=to:subject', 'permerror', { names: ['to', 'subject'] }],
  ['h=from:to:subject', 'h=FROM:To:sUbject', 'pass'],
  ['h=from:to:subject', 'h=from : to\t:\r\n subject ', 'pass'],
  ['h=from:to:subject', 'h=from:to:subject:', 'neutral'],
  ['h=from:to:subject', 'h=:from:to:subject', 'neutral'],
  ['h=from:to:subject', 'h=from::to:subject', 'neutral'],
  ['h=from:to:subject', 'h=from:to:subject:from', 'pass', { names: ['from', 'to', 'subject', 'from'] }],
  ['h=from:to:subject', 'h=from:from:from:to:subject', 'pass', { names: ['from', 'to', 'subject'] }],
  ['h=from:to:subject', 'h=subject:x-none:to:from', 'pass', { names: ['subject', 'to', 'from'] }],
  ['h=from:to:subject', 'h=from:to:subject:dkim-signature', 'pass'],
  ['h=from:to:subject', 'h=from,to,subject', 'permerror'],
  ['h=from:to:subject', 'h=fr om:to:subject', 'neutral'],
  ['h=from:to:subject', 'h=from:t\r\n o:subject', 'neutral'],
  ['h=from:to:subject', 'h=from;to;subject', 'neutral'],
  ['h=from:to:subject', 'h=from:to:subject:x=20y', 'pass'],
  ['h=from:to:subject', 'h=from:to:subject|x', 'fail'],
  ['h=from:to:subject', 'h=from:to:subject:x~y!z', 'pass'],
  ['h=from:to:subject', `h=from:to:subject${':x-none'.repeat(300)}`, 'pass'],
  // bh
  ['bh=%h; ', '', 'neutral'],
  ['bh=%h', 'bh=', 'neutral'],
  ['bh=%h', 'bh=%h=', 'neutral'],
  ['bh=%h', 'bh= %h ', 'pass'],
  ['bh=%h', 'bh=\r\n\t%h', 'pass'],
  ['bh=%h', 'bh=AAAA%h', 'fail'],
  ['bh=%h', 'BH=%h', 'neutral'],
  ['bh=%h', 'bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 'fail'],
  ['bh=%h', 'bh=*%h', 'neutral'],
  // b
  ['; b=%b', '', 'neutral'],
  ['b=%b', 'b=', 'neutral'],
  ['b=%b', 'b=%b;', 'pass'],
  ['b=%b', 'b=%b ; ', 'pass'],
  ['b=%b', 'b = %b', 'pass'],
  ['b=%b', 'b=\r\n %b', 'pass'],
  ['b=%b', 'b\r\n\t=\r\n %b\r\n ', 'pass'],
  ['b=%b', 'B=%b', 'neutral'],
  ['b=%b', 'b=%b; b=%b', 'neutral'],
  ['b=%b', 'b=%b; z=b=%b', 'pass'],
  ['b=%b', 'b=%b=', 'neutral'],
  ['b=%b', 'b=*%b', 'neutral'],
  ['v=1; ', 'b=%b; v=1; ', 'neutral'],
  ['bh=%h; b=%b', 'b=%b; bh=%h', 'pass'],
  ['v=1; ', 'xb=x; v=1; ', 'pass'],
  ['v=1; ', 'b_=x; v=1; ', 'pass'],
  // i
  ['bh=', 'i=@example.org; bh=', 'pass'],
  ['bh=', 'i=jane@example.org; bh=', 'pass'],
  ['bh=', 'i=jane@sub.example.org; bh=', 'pass'],
  ['bh=', 'i=jane@EXAMPLE.ORG; bh=', 'pass'],
  ['bh=', 'i=jane@badexample.org; bh=', 'permerror'],
  ['bh=', 'i=jane@example.net; bh=', 'permerror'],
  ['bh=', 'i=jane@org; bh=', 'permerror'],
  ['bh=', 'i=example.org; bh=', 'neutral'],
  ['bh=', 'i=; bh=', 'neutral'],
  ['bh=', 'i=@; bh=', 'neutral'],
  ['bh=', 'i=jane@.example.org; bh=', 'neutral'],
  ['bh=', 'i=ja=20ne@example.org; bh=', 'pass'],
  ['bh=', 'i=ja=2ne@example.org; bh=', 'neutral'],
  ['bh=', 'i=ja=c3=bc@example.org; bh=', 'neutral'],
  ['bh=', 'i="a@b"@example.org; bh=', 'pass'],
  ['bh=', 'i=jane@\r\n sub.example.org; bh=', 'pass'],
  ['bh=', 'i=jane=40example.org; bh=', 'pass'],
  // l
  ['bh=', 'l=0; bh=', 'pass', { lengthBytes: 0 }],
  ['bh=', 'l=5; bh=', 'pass', { lengthBytes: 5 }],
  ['bh=', 'l=19; bh=', 'pass', { lengthBytes: 19 }],
  ['bh=', 'l=0019; bh=', 'pass', { lengthBytes: 19 }],
  ['bh=', 'l=20; bh=', 'fail'],
  ['bh=', 'l=99999999999999999999; bh=', 'fail'],
  ['bh=', 'l=-1; bh=', 'neutral'],
  ['bh=', 'l=; bh=', 'neutral'],
  ['bh=', 'l=0x5; bh=', 'neutral', { lengthBytes: 5 }],
  ['bh=', 'l=5 5; bh=', 'neutral', { lengthBytes: 5 }],
  ['bh=', 'l= 5\r\n ; bh=', 'pass', { lengthBytes: 5 }],
  ['bh=', `l=${'0'.repeat(77)}5; bh=`, 'neutral', { lengthBytes: 5 }],
  ['bh=', 'L=5; bh=', 'pass'],
  // q
  ['bh=', 'q=dns/txt; bh=', 'pass'],
  ['bh=', 'q=dns; bh=', 'pass'],
  ['bh=', 'q=DNS/TXT; bh=', 'pass'],
  ['bh=', 'q=dns / txt; bh=', 'neutral'],
  ['bh=', 'q=; bh=', 'neutral'],
  ['bh=', 'q=http/x; bh=', 'neutral'],
  ['bh=', 'q=http/x:dns/txt; bh=', 'pass'],
  ['bh=', 'q=dns/txt:http/x; bh=', 'pass'],
  ['bh=', 'q=dns/srv; bh=', 'neutral'],
  // t, x
  ['bh=', 't=1700000000; bh=', 'pass'],
  ['bh=', 't=1700000000; x=4000000000; bh=', 'pass'],
  ['bh=', 'x=4000000000; bh=', 'pass'],
  ['bh=', 'x=999999999999; bh=', 'pass'],
  ['bh=', 'x=9999999999999; bh=', 'neutral'],
  ['bh=', 'x=1700000000; bh=', 'policy'],
  ['bh=', 't=1600000000; x=1700000000; bh=', 'policy'],
  ['bh=', 't=4000000000; bh=', 'policy'],
  ['bh=', 't=3900000000; x=4000000000; bh=', 'policy'],
  ['bh=', 't=1700000000; x=1600000000; bh=', 'neutral'],
  ['bh=', 't=1700000000; x=1700000000; bh=', 'neutral'],
  ['bh=', 't=4000000001; x=4000000000; bh=', 'neutral'],
  ['bh=', 't=0; bh=', 'pass'],
  ['bh=', 't=; bh=', 'neutral'],
  ['bh=', 't=abc; bh=', 'neutral'],
  ['bh=', 't=-5; bh=', 'neutral'],
  ['bh=', 't=1700000000.5; bh=', 'neutral'],
  ['bh=', 't=0001700000000; bh=', 'neutral'],
  ['bh=', 'x=; bh=', 'neutral'],
  ['bh=', 'x=never; bh=', 'neutral'],
  ['bh=', 'x=-1; bh=', 'neutral'],
  ['bh=', 'x=0; bh=', 'policy'],
  // z and what is not known
  ['bh=', 'z=From:jane@example.org|Subject:odd; bh=', 'pass'],
  ['bh=', 'z=; bh=', 'pass'],
  ['bh=', 'z=a=3Bb|c; bh=', 'pass'],
  ['bh=', 'z=a b\r\n c; bh=', 'pass'],
  ['bh=', 'y=; bh=', 'pass'],
  ['bh=', 'unknown=tag; bh=', 'pass'],
  ['bh=', 'unknown=t a  g; bh=', 'pass'],
  ['bh=', 'x_1=y; bh=', 'pass'],
  ['bh=', '1x=y; bh=', 'neutral'],
  ['bh=', '_x=y; bh=', 'neutral'],
  ['bh=', 'x-y=z; bh=', 'neutral'],
  ['bh=', 'x; bh=', 'neutral'],
  ['bh=', 'x y=z; bh=', 'neutral'],
  ['bh=', '=z; bh=', 'neutral'],
  ['bh=', '=; bh=', 'neutral'],
  ['bh=', 'w=\x01; bh=', 'neutral'],
  ['bh=', 'w=\x7f; bh=', 'neutral'],
  ['bh=', 'w=\xe9; bh=', 'pass'],
  ['bh=', 'w=\xc3\xa9; bh=', 'pass'],
  ['bh=', 'w=a=b==c; bh=', 'pass'],
  ['bh=', 'w="a;b"; bh=', 'neutral'],
  // the field
  ['DKIM-Signature: ', 'DKIM-Signature:', 'pass'],
  ['DKIM-Signature: ', 'dkim-signature: ', 'pass'],
  ['DKIM-Signature: ', 'DKIM-SIGNATURE:\r\n ', 'pass'],
  ['DKIM-Signature: ', 'DKIM-Signature:\r\n \r\n ', 'pass'],
  ['DKIM-Signature: ', 'DKIM-Signature : ', 'pass'],
  ['DKIM-Signature: ', 'DKIM-Signature\t:', 'pass'],
  ['DKIM-Signature: ', 'DKIM-Signature:    \t ', 'pass'],
  ['; d=', ';d=', 'pass'],
  ['; d=', '\r\n ; d=', 'pass'],
  ['; d=', ';\r\n\t\t \td=', 'pass'],
  ['; d=', ', d=', 'neutral'],
  ['; d=', ' d=', 'neutral'],
  ['; d=', '; \r\n \r\n d=', 'pass'],
  ['bh=', `long=${'x'.repeat(2000)}; bh=`, 'pass'],
  ['bh=', `many=${'x '.repeat(2000)}; bh=`, 'pass'],
];

/** A change of the plain key record and what RFC 6376 §3.6.1 and §6.1.2 make of it, `v=DKIM1; k=rsa; p=KEY`; more than one where there are several records. */
export type RecordRow = readonly [records: readonly string[], status: DkimStatus, identity?: string];

export const recordRows: readonly RecordRow[] = [
  [['v=DKIM1; k=rsa; p=KEY'], 'pass'],
  [['p=KEY'], 'pass'],
  [['k=rsa; p=KEY'], 'pass'],
  [['v=DKIM1; p=KEY'], 'pass'],
  [['v=DKIM1;p=KEY;'], 'pass'],
  [['v=DKIM1;;p=KEY'], 'permerror'],
  [[' v=DKIM1; p=KEY '], 'pass'],
  [['v = DKIM1 ; p = KEY ;'], 'pass'],
  [['v=DKIM1;\tp=KEY'], 'pass'],
  [['v=DKIM1\r\n ;p=KEY'], 'pass'],
  [['v=DKIM2; p=KEY'], 'permerror'],
  [['v=dkim1; p=KEY'], 'permerror'],
  [['V=DKIM1; p=KEY'], 'pass'],
  [['v=DKIM1.0; p=KEY'], 'permerror'],
  [['v=; p=KEY'], 'permerror'],
  [['k=rsa; v=DKIM1; p=KEY'], 'permerror'],
  [['p=KEY; v=DKIM1'], 'permerror'],
  [['v=DKIM1; v=DKIM1; p=KEY'], 'permerror'],
  [['v=DKIM1; P=KEY'], 'permerror'],
  [['v=DKIM1; p='], 'permerror'],
  [['v=DKIM1; p=;'], 'permerror'],
  [['v=DKIM1; k=rsa'], 'permerror'],
  [['v=DKIM1; p'], 'permerror'],
  [['v=DKIM1; p=KEY; p=KEY'], 'permerror'],
  [['v=DKIM1; p=KEY; p='], 'permerror'],
  [['v=DKIM1; p=KEY='], 'permerror'],
  [['v=DKIM1; p=*KEY'], 'permerror'],
  [['v=DKIM1; p="KEY"'], 'permerror'],
  [['v=DKIM1; p=K EY'], 'pass'],
  [['v=DKIM1; p=SPACED'], 'pass'],
  [['v=DKIM1; p=PKCS1'], 'pass'],
  [['v=DKIM1; p=HALF'], 'permerror'],
  [['v=DKIM1; p=AAAA'], 'permerror'],
  [['v=DKIM1; k=RSA; p=KEY'], 'pass'],
  [['v=DKIM1; k=; p=KEY'], 'permerror'],
  [['v=DKIM1; k=ed25519; p=KEY'], 'permerror'],
  [['v=DKIM1; k=dsa; p=KEY'], 'permerror'],
  [['v=DKIM1; k=rsa-sha256; p=KEY'], 'permerror'],
  [['v=DKIM1; k=rsa:ed25519; p=KEY'], 'permerror'],
  [['v=DKIM1; K=ed25519; p=KEY'], 'pass'],
  [['v=DKIM1; h=sha256; p=KEY'], 'pass'],
  [['v=DKIM1; h=SHA256; p=KEY'], 'pass'],
  [['v=DKIM1; h=sha1; p=KEY'], 'permerror'],
  [['v=DKIM1; h=sha1:sha256; p=KEY'], 'pass'],
  [['v=DKIM1; h=sha1 : sha256; p=KEY'], 'pass'],
  [['v=DKIM1; h=sha512; p=KEY'], 'permerror'],
  [['v=DKIM1; h=sha512:sha256; p=KEY'], 'pass'],
  [['v=DKIM1; h=; p=KEY'], 'permerror'],
  [['v=DKIM1; h=*; p=KEY'], 'permerror'],
  [['v=DKIM1; h=sha256:; p=KEY'], 'pass'],
  [['v=DKIM1; h=sha2567; p=KEY'], 'permerror'],
  [['v=DKIM1; s=email; p=KEY'], 'pass'],
  [['v=DKIM1; s=*; p=KEY'], 'pass'],
  [['v=DKIM1; s=EMAIL; p=KEY'], 'pass'],
  [['v=DKIM1; s=tlsrpt; p=KEY'], 'permerror'],
  [['v=DKIM1; s=tlsrpt:email; p=KEY'], 'pass'],
  [['v=DKIM1; s=tlsrpt : * ; p=KEY'], 'pass'],
  [['v=DKIM1; s=; p=KEY'], 'permerror'],
  [['v=DKIM1; s=other; p=KEY'], 'permerror'],
  [['v=DKIM1; t=y; p=KEY'], 'pass'],
  [['v=DKIM1; t=s; p=KEY'], 'pass'],
  [['v=DKIM1; t=s; p=KEY'], 'pass', 'jane@example.org'],
  [['v=DKIM1; t=s; p=KEY'], 'pass', 'jane@EXAMPLE.org'],
  [['v=DKIM1; t=s; p=KEY'], 'permerror', 'jane@sub.example.org'],
  [['v=DKIM1; t=y:s; p=KEY'], 'permerror', 'jane@sub.example.org'],
  [['v=DKIM1; t=y : s; p=KEY'], 'permerror', 'jane@sub.example.org'],
  [['v=DKIM1; t=S; p=KEY'], 'permerror', 'jane@sub.example.org'],
  [['v=DKIM1; t=x; p=KEY'], 'pass', 'jane@sub.example.org'],
  [['v=DKIM1; t=; p=KEY'], 'pass', 'jane@sub.example.org'],
  [['v=DKIM1; t=strict; p=KEY'], 'pass', 'jane@sub.example.org'],
  [['v=DKIM1; g=*; p=KEY'], 'pass'],
  [['v=DKIM1; g=; p=KEY'], 'pass'],
  [['v=DKIM1; g=jane; p=KEY'], 'pass'],
  [['v=DKIM1; g=joe; p=KEY'], 'pass', 'jane@example.org'],
  [['v=DKIM1; n=note; p=KEY'], 'pass'],
  [['v=DKIM1; n=a=20note=3B; p=KEY'], 'pass'],
  [['v=DKIM1; n=; p=KEY'], 'pass'],
  [['v=DKIM1; n=\xc3\xa9; p=KEY'], 'pass'],
  [['v=DKIM1; n=\x01; p=KEY'], 'permerror'],
  [['v=DKIM1; unknown=tag; p=KEY'], 'pass'],
  [['v=DKIM1; unknown; p=KEY'], 'permerror'],
  [['v=DKIM1; 1x=y; p=KEY'], 'permerror'],
  [['v=DKIM1; x-y=z; p=KEY'], 'permerror'],
  [['v=DKIM1; =; p=KEY'], 'permerror'],
  [['v=DKIM1, p=KEY'], 'permerror'],
  [['v=DKIM1 p=KEY'], 'permerror'],
  [['v=DKIM1\\; p=KEY'], 'permerror'],
  [['"v=DKIM1; p=KEY"'], 'permerror'],
  [['v=DKIM1; p=KEY; trailing'], 'permerror'],
  [['v=DKIM1; p=KEY ; ; '], 'permerror'],
  [['v=spf1 -all'], 'permerror'],
  [[''], 'permerror'],
  [[' '], 'permerror'],
  [['KEY'], 'permerror'],
  [['some text'], 'permerror'],
  [[`v=DKIM1; n=${'x'.repeat(3000)}; p=KEY`], 'pass'],
  [['v=DKIM1; p=KEY', 'v=DKIM1; p=KEY'], 'pass'],
  [['v=DKIM1; p=KEY', 'v=spf1 -all'], 'pass'],
  [['v=spf1 -all', 'v=DKIM1; p=KEY'], 'pass'],
  [['v=DKIM1; p=', 'v=DKIM1; p=KEY'], 'pass'],
  [['v=DKIM1; p=KEY', 'v=DKIM1; p='], 'pass'],
  [['v=DKIM1; p=OTHER', 'v=DKIM1; p=KEY'], 'pass'],
  [['v=DKIM1; p=KEY', 'v=DKIM1; p=OTHER'], 'pass'],
  [['v=DKIM1; p=OTHER'], 'fail'],
  [[], 'permerror'],
];

/** A header section: signed in `plain`'s place, with `h` naming From, Subject and X as often as they are given. */
export type HeaderRow = readonly [header: string, names: readonly string[], status: DkimStatus];

const fromField = 'From: Jane <jane@example.org>\r\n';
export const headerRows: readonly HeaderRow[] = [
  [`${fromField}Subject: x\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject:x\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject:\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: \r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject:\t\t\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject :x\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject\t: x\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject \t :x\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}SUBJECT: x\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject:\r\n x\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject:\r\n\tx\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: x\r\n y\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: x \t\r\n \t y  \r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: x\r\n \r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: x\r\n \r\n y\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject:\r\n \r\n\t\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: x\r\n\t\r\nX: y\r\n`, ['from', 'subject', 'x'], 'pass'],
  [`${fromField}Subject: a: b\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: caf\xc3\xa9\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: caf\xe9\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: \xa0x\xa0\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: x\xc2\x85\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: \x0bx\x0c\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: x\x00y\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: x\x7f\x01y\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: ${'x'.repeat(2000)}\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: ${'word '.repeat(2000)}\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}Subject: ${'word\r\n '.repeat(300)}x\r\n`, ['from', 'subject'], 'pass'],
  [`${fromField}X: 1\r\nX: 2\r\nX: 3\r\n`, ['from', 'x'], 'pass'],
  [`${fromField}X: 1\r\nX: 2\r\nX: 3\r\n`, ['from', 'x', 'x'], 'pass'],
  [`${fromField}X: 1\r\nX: 2\r\nX: 3\r\n`, ['from', 'x', 'x', 'x', 'x'], 'pass'],
  [`${fromField}X: 1\r\nx: 2\r\nX: 3\r\n`, ['from', 'X', 'x', 'X'], 'pass'],
  [`X: 1\r\n${fromField}X: 2\r\n`, ['x', 'from', 'x'], 'pass'],
  [`${fromField}From: joe@example.net\r\n`, ['from'], 'pass'],
  [`${fromField}From: joe@example.net\r\n`, ['from', 'from'], 'pass'],
  [`${fromField}From: joe@example.net\r\n`, ['from', 'from', 'from'], 'pass'],
  [`${fromField}X-A_b.c!: y\r\n`, ['from', 'x-a_b.c!'], 'pass'],
  [`${fromField}1: y\r\n`, ['from', '1'], 'pass'],
  [`${fromField}X: y\r\n`, ['from', 'x', 'x-'], 'pass'],
  [`${fromField}X-Y: y\r\nX: z\r\n`, ['from', 'x'], 'pass'],
  [`From:jane@example.org\r\n`, ['from'], 'pass'],
  [`From : jane@example.org\r\n`, ['from'], 'pass'],
  [`FROM: jane@example.org\r\n`, ['from'], 'pass'],
  [`From:\r\n jane@example.org\r\n`, ['from'], 'pass'],
  [`From:\r\n`, ['from'], 'pass'],
  [`Subject: no from\r\n`, ['from', 'subject'], 'pass'],
];

function show(text: string): string {
  const short = text.length > 70 ? `${text.slice(0, 70)}...` : text;
  return JSON.stringify(short).replace(/[\x7f-\xff]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
}

/** The values that the key records of rows name. */
function recordValues(key: TestKey, other: TestKey): Readonly<Record<string, string>> {
  const value = (record: string): string => /p=(.*)/.exec(record)?.[1] ?? '';
  const data = value(key.record);
  // What is within a SubjectPublicKeyInfo of RSA-2048 begins behind 24 bytes.
  const pkcs1 = encodeBase64(unwrap(decodeBase64(data)).subarray(24));
  return {
    'K EY': `${data.slice(0, 50)} ${data.slice(50)}`,
    KEY: data,
    SPACED: data.replace(/.{40}/g, '$& \t'),
    PKCS1: pkcs1,
    HALF: data.slice(0, 200),
    OTHER: value(other.record),
  };
}

async function fieldCase(key: TestKey, selector: string, [from, to, status, signing]: FieldRow): Promise<OddCase> {
  const field = plainField.replace(from, to).replace('%s', selector);
  const [header, body] = plain;
  const made = await signRaw(key, plain, { field, names: ['from', 'to', 'subject'], ...signing });
  const tag = (name: string, otherwise: string): string =>
    new RegExp(`[; ]${name}\\s*=\\s*([^;\\s]*)`).exec(field)?.[1]?.toLowerCase().replace(/\.$/, '') ?? otherwise;
  const dns = { [`${tag('s', selector)}._domainkey.${tag('d', 'example.org')}`]: [key.record] };
  return { title: `${show(from)} -> ${show(to)}`, status, message: fromLatin1(`${made}${header}\r\n${body}`), dns };
}

async function recordCase(keys: readonly [TestKey, TestKey], selector: string, [texts, status, identity]: RecordRow): Promise<OddCase> {
  const values = recordValues(...keys);
  const records = texts.map((text) => text.replace(/K EY|KEY|SPACED|PKCS1|HALF|OTHER/, (name) => values[name] ?? name));
  const field = plainField.replace('%s', identity === undefined ? selector : `${selector}; i=${identity}`);
  const [header, body] = plain;
  const made = await signRaw(keys[0], plain, { field, names: ['from', 'to', 'subject'] });
  const title = `${texts.map(show).join(' + ')}${identity === undefined ? '' : ` for ${identity}`}`;
  const dns = records.length > 0 ? { [`${selector}._domainkey.example.org`]: records } : {};
  return { title, status, message: fromLatin1(`${made}${header}\r\n${body}`), dns };
}

async function headerCase(key: TestKey, selector: string, row: HeaderRow, canonicalization: Canonicalization): Promise<OddCase> {
  const [header, names, status] = row;
  const field = `DKIM-Signature: v=1; a=rsa-sha256; c=${canonicalization}/simple; d=example.org; s=${selector}; h=${names.join(':')}; bh=%h; b=%b`;
  const made = await signRaw(key, [header, plain[1]], { field, names, header: canonicalization, body: 'simple' });
  const title = `${canonicalization} ${show(header.replace(fromField, ''))} h=${names.join(':')}`;
  const dns = { [`${selector}._domainkey.example.org`]: [key.record] };
  return { title, status, message: fromLatin1(`${made}${header}\r\n${plain[1]}`), dns };
}

/** The cases of all tables, signed by an RSA key. Each has a selector of its own. */
export async function makeOddCases(key: TestKey, other: TestKey): Promise<{ field: OddCase[]; record: OddCase[]; header: OddCase[] }> {
  return {
    field: await Promise.all(fieldRows.map((row, i) => fieldCase(key, `f${i}`, row))),
    record: await Promise.all(recordRows.map((row, i) => recordCase([key, other], `r${i}`, row))),
    header: await Promise.all(
      headerRows.flatMap((row, i) => [headerCase(key, `s${i}`, row, 'simple'), headerCase(key, `c${i}`, row, 'relaxed')]),
    ),
  };
}
