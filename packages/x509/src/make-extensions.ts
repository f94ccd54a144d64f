import { parseDomain } from '@mox/idna';
import { hash } from '@mox/runtime';
import { parseIp } from '@mox/syntax';
import * as asn1js from 'asn1js';
import { BasicConstraints, Extension, GeneralName, GeneralNames } from 'pkijs';
import { X509Error } from './errors.ts';
import { extensionOids, type KeyUsage, keyUsages } from './extensions.ts';

/** Web Crypto and asn1js take an ArrayBuffer of its own. */
export function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function extension(oid: string, value: asn1js.BaseBlock, options: { readonly critical: boolean }): Extension {
  return new Extension({ extnID: oid, critical: options.critical, extnValue: value.toBER(false) });
}

/**
 * A domain name as a certificate carries it: A-labels, perhaps with `*` as the first label.
 * @throws X509Error `bad-parameter` where it is no domain name.
 */
export function certificateName(name: string): string {
  const wildcard = name.startsWith('*.') ? '*.' : '';
  const domain = parseDomain(name.slice(wildcard.length));
  if (!domain.ok) throw new X509Error('bad-parameter', `${JSON.stringify(name)} is no domain name: ${domain.error.message}`);
  return wildcard + domain.value.ascii;
}

function addressBytes(text: string): ArrayBuffer {
  const address = parseIp(text);
  if (!address) throw new X509Error('bad-parameter', `${JSON.stringify(text)} is no IP address`);
  return buffer(address.bytes);
}

/** subjectAltName (RFC 5280 §4.2.1.6); critical where the subject has no name beside it. */
export function subjectAltName(names: readonly string[], ips: readonly string[], options: { readonly critical: boolean }): Extension {
  const general = [
    ...names.map((name) => new GeneralName({ type: 2, value: certificateName(name) })),
    ...ips.map((ip) => new GeneralName({ type: 7, value: new asn1js.OctetString({ valueHex: addressBytes(ip) }) })),
  ];
  return extension(extensionOids.subjectAltName, new GeneralNames({ names: general }).toSchema(), options);
}

/** basicConstraints (RFC 5280 §4.2.1.9). */
export function basicConstraints(ca: { readonly pathLength?: number | undefined } | undefined): Extension {
  const pathLength = ca?.pathLength === undefined ? {} : { pathLenConstraint: ca.pathLength };
  return extension(extensionOids.basicConstraints, new BasicConstraints({ cA: ca !== undefined, ...pathLength }).toSchema(), {
    critical: true,
  });
}

/** keyUsage (RFC 5280 §4.2.1.3). */
export function keyUsage(usages: readonly KeyUsage[]): Extension {
  const bits = new Uint8Array(2);
  let highest = 0;
  for (const usage of usages) {
    const bit = keyUsages.indexOf(usage);
    bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
    highest = Math.max(highest, bit);
  }
  const bytes = bits.slice(0, (highest >> 3) + 1);
  // DER drops the zeros at the end of named bits (X.690 §11.2.2).
  const value = new asn1js.BitString({ valueHex: bytes.buffer, unusedBits: 7 - (highest & 7) });
  return extension(extensionOids.keyUsage, value, { critical: true });
}

/** extKeyUsage (RFC 5280 §4.2.1.12). */
export function extendedKeyUsage(oids: readonly string[]): Extension {
  const value = new asn1js.Sequence({ value: oids.map((oid) => new asn1js.ObjectIdentifier({ value: oid })) });
  return extension(extensionOids.extendedKeyUsage, value, { critical: false });
}

/** The identifier of a key: SHA-1 of its bits, method (1) of RFC 5280 §4.2.1.2. */
export function keyIdentifier(keyBytes: Uint8Array): Uint8Array {
  return hash('sha1', keyBytes);
}

/** subjectKeyIdentifier (RFC 5280 §4.2.1.2). */
export function subjectKeyIdentifier(keyBytes: Uint8Array): Extension {
  return extension(extensionOids.subjectKeyIdentifier, new asn1js.OctetString({ valueHex: buffer(keyIdentifier(keyBytes)) }), {
    critical: false,
  });
}

/** authorityKeyIdentifier (RFC 5280 §4.2.1.1). */
export function authorityKeyIdentifier(identifier: Uint8Array): Extension {
  const value = new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: buffer(identifier) });
  return extension(extensionOids.authorityKeyIdentifier, new asn1js.Sequence({ value: [value] }), { critical: false });
}

/** nameConstraints (RFC 5280 §4.2.1.10), of domains alone. */
export function nameConstraints(permitted: readonly string[], excluded: readonly string[]): Extension {
  const subtrees = (tagNumber: number, names: readonly string[]): asn1js.BaseBlock[] =>
    names.length === 0
      ? []
      : [
          new asn1js.Constructed({
            idBlock: { tagClass: 3, tagNumber },
            value: names.map((name) => new asn1js.Sequence({ value: [new GeneralName({ type: 2, value: name }).toSchema()] })),
          }),
        ];
  const value = new asn1js.Sequence({ value: [...subtrees(0, permitted), ...subtrees(1, excluded)] });
  return extension(extensionOids.nameConstraints, value, { critical: true });
}

/** id-pe-acmeIdentifier (RFC 8737 §3). */
export function acmeIdentifier(digest: Uint8Array): Extension {
  if (digest.length !== 32) throw new X509Error('bad-parameter', 'the digest of a key authorization has 32 bytes');
  return extension(extensionOids.acmeIdentifier, new asn1js.OctetString({ valueHex: buffer(digest) }), { critical: true });
}
