import { toLatin1 } from '@mox/runtime';
import { formatIp } from '@mox/syntax';
import { DerReader, derTags } from './der-reader.ts';
import { type DistinguishedName, readDistinguishedName } from './distinguished-name.ts';
import { type NameConstraints, readNameConstraints } from './name-constraints.ts';

/** An extension as it was written (RFC 5280 §4.1.2.9). */
export interface CertificateExtension {
  readonly oid: string;
  readonly critical: boolean;
  /** Contents of the OCTET STRING: DER of the extension's own type. */
  readonly value: Uint8Array;
}

/** Names of the subject, from subjectAltName (RFC 5280 §4.2.1.6). */
export interface SubjectNames {
  /** DNS names as written: A-labels, perhaps with a wildcard. */
  readonly dns: readonly string[];
  /** IP addresses in text form (RFC 5952 for IPv6). */
  readonly ip: readonly string[];
  readonly email: readonly string[];
  readonly uri: readonly string[];
  readonly directory: readonly DistinguishedName[];
  /** How many names there are of other forms. */
  readonly others: number;
}

/** Purposes that a key may serve (RFC 5280 §4.2.1.3), in the order of their bits. */
export const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** One of the purposes of RFC 5280 §4.2.1.3. */
export type KeyUsage = (typeof keyUsages)[number];

/** What the extensions known here say. Lists are empty, and the others missing, where the extension is not there. */
export interface ExtensionFacts {
  names: SubjectNames;
  /** The subject may issue certificates (RFC 5280 §4.2.1.9). */
  isCa: boolean;
  /** How many certificates of other issuers may follow below. */
  pathLength?: number;
  keyUsage?: readonly KeyUsage[];
  /** Purposes by object identifier (RFC 5280 §4.2.1.12). */
  extendedKeyUsage?: readonly string[];
  subjectKeyIdentifier?: Uint8Array;
  authorityKeyIdentifier?: Uint8Array;
  nameConstraints?: NameConstraints;
  /** Object identifiers (RFC 5280 §4.2.1.4). */
  policies: readonly string[];
  /** Policies that stand for each other on the two sides of this authority (RFC 5280 §4.2.1.5). */
  policyMappings?: readonly { readonly issuer: string; readonly subject: string }[];
  /** After how many certificates a policy must hold, and none be mapped any more (RFC 5280 §4.2.1.11). */
  policyConstraints?: { readonly requireExplicitPolicy?: number; readonly inhibitPolicyMapping?: number };
  /** After how many certificates the policy "any" stands for none (RFC 5280 §4.2.1.14). */
  inhibitAnyPolicy?: number;
  /** TLS extensions that the server promises to answer; 5 is the stapled OCSP response. */
  tlsFeatures: readonly number[];
  /** Where to ask for the status and the issuer's certificate (RFC 5280 §4.2.2.1). */
  ocspUrls: readonly string[];
  issuerUrls: readonly string[];
  /** Digest of the key authorization of an ACME challenge (RFC 8737 §3). */
  acmeIdentifier?: Uint8Array;
}

/** The names of object identifiers used here. */
export const extensionOids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  tlsFeature: '1.3.6.1.5.5.7.1.24',
  acmeIdentifier: '1.3.6.1.5.5.7.1.31',
} as const;

function readSubjectAltName(reader: DerReader, facts: ExtensionFacts): void {
  const lists = { dns: [] as string[], ip: [] as string[], email: [] as string[], uri: [] as string[] };
  const directory: DistinguishedName[] = [];
  let others = 0;
  const names = reader.sequence('general names');
  while (!names.done) {
    const { tag, contents } = names.any();
    if (tag === 0xa4) {
      directory.push(readDistinguishedName(contents, 'a directory name'));
      continue;
    }
    const bytes = contents.rest();
    if (tag === 0x81) lists.email.push(toLatin1(bytes));
    else if (tag === 0x82) lists.dns.push(toLatin1(bytes));
    else if (tag === 0x86) lists.uri.push(toLatin1(bytes));
    else if (tag === 0x87 && bytes.length === 4) lists.ip.push(formatIp({ version: 4, bytes }));
    else if (tag === 0x87 && bytes.length === 16) lists.ip.push(formatIp({ version: 6, bytes }));
    else others++;
  }
  facts.names = { ...lists, directory, others };
}

function readBasicConstraints(reader: DerReader, facts: ExtensionFacts): void {
  const constraints = reader.sequence('basic constraints');
  facts.isCa = constraints.optionalBoolean();
  if (constraints.peek() === derTags.integer) facts.pathLength = constraints.smallInteger('a path length');
}

function readAuthorityInfoAccess(reader: DerReader, facts: ExtensionFacts): void {
  const urls: Record<string, string[]> = {};
  const list = reader.sequence('access descriptions');
  while (!list.done) {
    const description = list.sequence('an access description');
    const method = description.objectIdentifier('an access method');
    const url = description.optional(0x86);
    if (url) (urls[method] ??= []).push(toLatin1(url.contents.rest()));
  }
  facts.ocspUrls = urls['1.3.6.1.5.5.7.48.1'] ?? [];
  facts.issuerUrls = urls['1.3.6.1.5.5.7.48.2'] ?? [];
}

function readOids(list: DerReader, read: (item: DerReader) => string): string[] {
  const oids: string[] = [];
  while (!list.done) oids.push(read(list));
  return oids;
}

function readPolicyMappings(reader: DerReader, facts: ExtensionFacts): void {
  const mappings: { issuer: string; subject: string }[] = [];
  const list = reader.sequence('policy mappings');
  while (!list.done) {
    const mapping = list.sequence('a policy mapping');
    mappings.push({ issuer: mapping.objectIdentifier('a policy'), subject: mapping.objectIdentifier('a policy') });
  }
  facts.policyMappings = mappings;
}

function readPolicyConstraints(reader: DerReader, facts: ExtensionFacts): void {
  const constraints = reader.sequence('policy constraints');
  const number = (tag: number): number | undefined => constraints.optional(tag)?.contents.restAsSmallInteger('a number of certificates');
  const [requireExplicitPolicy, inhibitPolicyMapping] = [number(0x80), number(0x81)];
  facts.policyConstraints = {
    ...(requireExplicitPolicy === undefined ? {} : { requireExplicitPolicy }),
    ...(inhibitPolicyMapping === undefined ? {} : { inhibitPolicyMapping }),
  };
}

/** What each extension says, by object identifier. */
const readers: Readonly<Record<string, (reader: DerReader, facts: ExtensionFacts) => void>> = {
  [extensionOids.subjectKeyIdentifier]: (reader, facts) => {
    facts.subjectKeyIdentifier = reader.octetString('a key identifier');
  },
  [extensionOids.keyUsage]: (reader, facts) => {
    facts.keyUsage = reader.namedBits('key usage').flatMap((bit) => keyUsages[bit] ?? []);
  },
  [extensionOids.subjectAltName]: readSubjectAltName,
  [extensionOids.basicConstraints]: readBasicConstraints,
  [extensionOids.nameConstraints]: (reader, facts) => {
    facts.nameConstraints = readNameConstraints(reader);
  },
  [extensionOids.certificatePolicies]: (reader, facts) => {
    facts.policies = readOids(reader.sequence('policies'), (item) => item.sequence('a policy').objectIdentifier('a policy'));
  },
  [extensionOids.policyMappings]: readPolicyMappings,
  [extensionOids.policyConstraints]: readPolicyConstraints,
  [extensionOids.inhibitAnyPolicy]: (reader, facts) => {
    facts.inhibitAnyPolicy = reader.smallInteger('a number of certificates');
  },
  [extensionOids.authorityKeyIdentifier]: (reader, facts) => {
    const identifier = reader.sequence('an authority key identifier').optional(0x80);
    if (identifier) facts.authorityKeyIdentifier = identifier.contents.rest();
  },
  [extensionOids.extendedKeyUsage]: (reader, facts) => {
    facts.extendedKeyUsage = readOids(reader.sequence('extended key usage'), (item) => item.objectIdentifier('a purpose'));
  },
  [extensionOids.authorityInfoAccess]: readAuthorityInfoAccess,
  [extensionOids.tlsFeature]: (reader, facts) => {
    const list = reader.sequence('TLS features');
    const features: number[] = [];
    while (!list.done) features.push(list.smallInteger('a TLS feature'));
    facts.tlsFeatures = features;
  },
  [extensionOids.acmeIdentifier]: (reader, facts) => {
    facts.acmeIdentifier = reader.octetString('an ACME identifier');
  },
};

/** Whether this package reads extensions of this identifier, so that they may be critical (RFC 5280 §4.2). */
export function isKnownExtension(oid: string): boolean {
  return Object.hasOwn(readers, oid);
}

/** Reads the SEQUENCE of extensions as they were written. */
export function readExtensions(reader: DerReader): CertificateExtension[] {
  const extensions: CertificateExtension[] = [];
  const list = reader.sequence('extensions');
  while (!list.done) {
    const extension = list.sequence('an extension');
    const oid = extension.objectIdentifier('an extension');
    const critical = extension.optionalBoolean();
    extensions.push({ oid, critical, value: extension.octetString('the value of an extension') });
  }
  return extensions;
}

/** What the known ones of the extensions say; and which of them cannot be read, or are there twice (RFC 5280 §4.2). */
export function interpretExtensions(extensions: readonly CertificateExtension[]): {
  readonly facts: ExtensionFacts;
  readonly unreadable: readonly string[];
} {
  const names = { dns: [], ip: [], email: [], uri: [], directory: [], others: 0 };
  const facts: ExtensionFacts = { names, isCa: false, policies: [], tlsFeatures: [], ocspUrls: [], issuerUrls: [] };
  const unreadable: string[] = [];
  const seen = new Set<string>();
  for (const { oid, value } of extensions) {
    const reader = new DerReader(value);
    if (Object.hasOwn(readers, oid)) readers[oid]?.(reader, facts);
    if (seen.has(oid) || reader.fault) unreadable.push(oid);
    seen.add(oid);
  }
  return { facts, unreadable };
}
