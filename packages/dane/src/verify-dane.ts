import { equalBytes, type Trace, type TraceStep } from '@mox/runtime';
import {
  type Certificate,
  matchHostname,
  type PathResult,
  parseCertificate,
  parsePublicKey,
  type TrustAnchor,
  verifyCertificationPath,
} from '@mox/x509';
import { describeTlsaRecord, formatTlsaRecord, matchTlsaRecord, type TlsaRecord } from './tlsa-record.ts';
import { sortTlsaRecords, type UsabilityOptions } from './usable-records.ts';

/** What a server's certificates are judged by. */
export interface DaneParameters extends UsabilityOptions {
  /** The server's certificates as TLS gave them, DER, its own first. */
  readonly chain: readonly Uint8Array[];
  /** Records from a DNSSEC-validated answer; others are never to be given (RFC 6698 §4.1). */
  readonly records: readonly TlsaRecord[];
  /** Reference identifiers, the TLSA base domain first (RFC 7672 §3.2.2): `names` of a `DaneLookup`. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Trusted roots, for PKIX-TA(0) and PKIX-EE(1), which need them and must be among `usages`. Default: none. */
  readonly roots?: readonly Certificate[];
  /** Most certificates of the chain that are looked at. Default: 16. */
  readonly maxCertificates?: number;
}

/**
 * What came out. `authenticated`: the server is the one that the records mean. `failed`: it is not, and nothing may be sent to it.
 * `unusable`: there is no record that can be used, so that nothing is known of the server (RFC 7672 §2.2 asks for TLS all the same).
 */
export interface DaneResult {
  readonly status: 'authenticated' | 'failed' | 'unusable';
  /** The record that authenticated the server. */
  readonly record?: TlsaRecord;
  /** Which certificate of the chain it matched; missing where that was only in DNS or among the roots. */
  readonly depth?: number;
  /** The name of the certificate that covered a reference identifier; missing for DANE-EE(3), where names do not count. */
  readonly name?: string;
  readonly problem?: string;
  readonly trace: Trace;
}

interface Evidence {
  readonly parameters: DaneParameters;
  readonly leaf: Certificate;
  readonly others: readonly Certificate[];
}

type Attempt = { readonly match: Pick<DaneResult, 'depth' | 'name'> } | { readonly problem: string };

const defaultMaxCertificates = 16;

function chainOf({ leaf, others }: Evidence): readonly Certificate[] {
  return [leaf, ...others];
}

/** The name that covers a reference identifier. Common names count where there is no DNS name (RFC 7672 §3.2.3). */
function matchNames({ parameters, leaf }: Evidence): string | undefined {
  for (const reference of parameters.names) {
    const name = matchHostname(leaf, reference, { commonName: true });
    if (name !== undefined) return name;
  }
  return undefined;
}

function withName(evidence: Evidence, depth: number | undefined): Attempt {
  const name = matchNames(evidence);
  if (name === undefined) return { problem: `the certificate has none of the names ${evidence.parameters.names.join(', ')}` };
  return { match: { name, ...(depth === undefined ? {} : { depth }) } };
}

function depthOf(evidence: Evidence, certificate: TrustAnchor): number | undefined {
  const depth = chainOf(evidence).findIndex((one) => 'der' in certificate && equalBytes(one.der, certificate.der));
  return depth < 0 ? undefined : depth;
}

function findPath(
  evidence: Evidence,
  anchors: readonly TrustAnchor[],
  accept?: (path: readonly Certificate[], anchor: TrustAnchor) => boolean,
): Promise<PathResult> {
  const { parameters, leaf, others } = evidence;
  // A trusted authority that another trusted one vouches for may stand in the middle of a path (RFC 7671 §5.4).
  const intermediates = [...others, ...(accept ? (parameters.roots ?? []) : [])];
  return verifyCertificationPath({ certificate: leaf, intermediates, anchors, now: parameters.now, ...(accept ? { accept } : {}) });
}

/** DANE-EE(3): the server's own certificate, whatever its names and dates say (RFC 7671 §5.1). */
async function tryDaneEe(record: TlsaRecord, { leaf }: Evidence): Promise<Attempt> {
  return matchTlsaRecord(record, leaf) ? { match: { depth: 0 } } : { problem: 'the certificate of the server is another' };
}

/**
 * Trust anchors that a DANE-TA(2) record stands for: issuers in the chain, or what the record itself holds (RFC 7671 §5.2.2, RFC 7671 §5.2.3).
 * The server's own certificate is none, though it match: that is what DANE-EE(3) says.
 */
function trustAnchors(record: TlsaRecord, { leaf, others }: Evidence): readonly TrustAnchor[] {
  const matching = others.filter((certificate) => matchTlsaRecord(record, certificate) && !equalBytes(certificate.der, leaf.der));
  if (matching.length > 0 || record.matchingType !== 0 || matchTlsaRecord(record, leaf)) return matching;
  if (record.selector === 1) {
    const publicKey = parsePublicKey(record.association);
    return publicKey ? [{ publicKey }] : [];
  }
  const certificate = parseCertificate(record.association);
  return certificate.ok ? [certificate.value] : [];
}

/** DANE-TA(2): an authority named by the record vouches for the certificate, which must have a name of the server (RFC 7672 §3.1.2, §3.2.2). */
async function tryDaneTa(record: TlsaRecord, evidence: Evidence): Promise<Attempt> {
  const anchors = trustAnchors(record, evidence);
  if (anchors.length === 0) return { problem: 'no issuer in the chain matches' };
  const path = await findPath(evidence, anchors);
  return path.status === 'valid' ? withName(evidence, depthOf(evidence, path.anchor)) : { problem: path.problem };
}

/** PKIX-EE(1): the server's own certificate, which must be good without DANE too (RFC 7671 §5.3). */
async function tryPkixEe(record: TlsaRecord, evidence: Evidence): Promise<Attempt> {
  if (!matchTlsaRecord(record, evidence.leaf)) return { problem: 'the certificate of the server is another' };
  const path = await findPath(evidence, evidence.parameters.roots ?? []);
  return path.status === 'valid' ? withName(evidence, 0) : { problem: path.problem };
}

/** PKIX-TA(0): the path to a trusted root leads through the authority of the record (RFC 7671 §5.4). */
async function tryPkixTa(record: TlsaRecord, evidence: Evidence): Promise<Attempt> {
  let depth: number | undefined;
  const path = await findPath(evidence, evidence.parameters.roots ?? [], (certificates, anchor) => {
    const issuers = [...certificates.slice(1), ...('der' in anchor ? [anchor] : [])];
    const found = issuers.find((certificate) => matchTlsaRecord(record, certificate));
    if (found) depth = depthOf(evidence, found);
    return found !== undefined;
  });
  return path.status === 'valid' ? withName(evidence, depth) : { problem: path.problem };
}

/** How each certificate usage is tried, by number (RFC 6698 §2.1.1). */
const usages: readonly { readonly rfc: string; readonly attempt: (record: TlsaRecord, evidence: Evidence) => Promise<Attempt> }[] = [
  { rfc: 'RFC 7671 §5.4', attempt: tryPkixTa },
  { rfc: 'RFC 7671 §5.3', attempt: tryPkixEe },
  { rfc: 'RFC 7671 §5.2', attempt: tryDaneTa },
  { rfc: 'RFC 7671 §5.1', attempt: tryDaneEe },
];

function traceStep(record: TlsaRecord, rest: Pick<TraceStep, 'rfc' | 'outcome' | 'detail'>): TraceStep {
  return { step: `TLSA ${formatTlsaRecord(record).slice(0, 80)}`, inputs: { parameters: describeTlsaRecord(record) }, ...rest };
}

interface ReadChain {
  readonly leaf?: Certificate;
  readonly others: readonly Certificate[];
  readonly trace: Trace;
}

/** Reads the chain. Certificates beyond the first that cannot be read are left out: a path may do without them. */
function readChain(chain: readonly Uint8Array[], maxCertificates: number): ReadChain {
  const trace: TraceStep[] = [];
  const parsed = chain.slice(0, maxCertificates).map((der, depth) => {
    const certificate = parseCertificate(der);
    const step = `certificate ${depth}`;
    if (!certificate.ok) trace.push({ step, outcome: 'unreadable', detail: `${certificate.error.message} at ${certificate.error.offset}` });
    else trace.push({ step, inputs: { subject: certificate.value.subject.text, issuer: certificate.value.issuer.text }, outcome: 'read' });
    return certificate.ok ? certificate.value : undefined;
  });
  const [leaf, ...others] = parsed;
  return { ...(leaf ? { leaf } : {}), others: others.filter((one) => one !== undefined), trace };
}

/**
 * Judges the certificates of a server by TLSA records (RFC 6698 §2.1, RFC 7671 §5, RFC 7672 §3). Usable records are tried in turn until
 * one authenticates the server; records of the PKIX usages count only where `usages` names them, and lead to `roots`.
 */
export async function verifyDane(parameters: DaneParameters): Promise<DaneResult> {
  const { usable, unusable } = sortTlsaRecords(parameters.records, parameters);
  const sorting = unusable.map(({ record, reason, rfc }) => traceStep(record, { outcome: 'unusable', detail: reason, rfc }));
  if (usable.length === 0) return { status: 'unusable', problem: 'no record can be used', trace: sorting };
  const { leaf, others, trace: reading } = readChain(parameters.chain, parameters.maxCertificates ?? defaultMaxCertificates);
  const trace: TraceStep[] = [...sorting, ...reading];
  if (!leaf) return { status: 'failed', problem: 'the certificate of the server is missing or cannot be read', trace };
  const problems: string[] = [];
  for (const record of usable) {
    const usage = usages[record.usage];
    const attempt = usage ? await usage.attempt(record, { parameters, leaf, others }) : { problem: 'an unknown usage' };
    const rfc = usage?.rfc ?? 'RFC 6698 §4.1';
    if ('match' in attempt) {
      trace.push(traceStep(record, { outcome: 'match', rfc }));
      return { status: 'authenticated', record, ...attempt.match, trace };
    }
    trace.push(traceStep(record, { outcome: 'no match', detail: attempt.problem, rfc }));
    problems.push(`${describeTlsaRecord(record)}: ${attempt.problem}`);
  }
  return { status: 'failed', problem: problems.slice(0, 4).join('; '), trace };
}
