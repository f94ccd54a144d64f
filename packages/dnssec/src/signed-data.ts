import { encodeName, type MessageRecord, parseRecordType } from '@mox/dns';
import { concatBytes } from '@mox/runtime';
import { labelsOf, lastLabels, wildcardBelow } from './name-order.ts';
import type { Rrset, SignatureRecord } from './rrset.ts';

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The data of a record as signatures cover it. A TypeError where the message was read without it: a mistake of the program. */
export function canonicalDataOf(record: MessageRecord | SignatureRecord): Uint8Array {
  if (!record.canonicalData) throw new TypeError('an Exchanger must read messages with parseMessage(bytes, { canonical: true })');
  return record.canonicalData;
}

/** Data of the records of a set in canonical order, each once (RFC 4034 §6.3). */
export function canonicalOrder(rrset: Rrset): readonly Uint8Array[] {
  const sorted = rrset.records.map(canonicalDataOf).toSorted(compareBytes);
  return sorted.filter((data, i) => i === 0 || compareBytes(data, sorted[i - 1] ?? data) !== 0);
}

/** The labels that a signature counts: the root and a leading `*` are none (RFC 4034 §3.1.3). */
export function countLabels(name: string): number {
  const labels = labelsOf(name);
  return labels[0] === '*' ? labels.length - 1 : labels.length;
}

/** The bytes that a signature is over (RFC 4035 §5.3.2): of a name that a wildcard was expanded to, the wildcard stands for it. */
export function signedData(rrset: Rrset, signature: SignatureRecord, order: readonly Uint8Array[] = canonicalOrder(rrset)): Uint8Array {
  const { labels, originalTtlSeconds, signature: bytes } = signature.data;
  const head = canonicalDataOf(signature);
  const expanded = labels < countLabels(rrset.name);
  const owner = encodeName(expanded ? wildcardBelow(lastLabels(labelsOf(rrset.name), labels)) : rrset.name);
  const type = parseRecordType(rrset.type) ?? 0;
  const parts: Uint8Array[] = [head.subarray(0, head.length - bytes.length)];
  for (const data of order) {
    const fixed = new Uint8Array(10);
    const view = new DataView(fixed.buffer);
    view.setUint16(0, type);
    view.setUint16(2, 1);
    view.setUint32(4, originalTtlSeconds);
    view.setUint16(8, data.length);
    parts.push(owner, fixed, data);
  }
  return concatBytes(parts);
}
