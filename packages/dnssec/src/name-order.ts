import { joinLabels, nameLabels } from '@mox/dns';

/** Labels of a name in the form of `normalizeName`. */
export function labelsOf(name: string): readonly string[] {
  return nameLabels(name) ?? [];
}

/** Compares names in canonical order (RFC 4034 §6.1): label by label from the root on, as bytes, an absent label first. */
export function compareLabels(a: readonly string[], b: readonly string[]): number {
  for (let i = 1; i <= a.length && i <= b.length; i++) {
    const [left = '', right = ''] = [a[a.length - i], b[b.length - i]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** Compares names in the form of `normalizeName` in canonical order (RFC 4034 §6.1): negative, 0 or positive. */
export function compareNames(a: string, b: string): number {
  return compareLabels(labelsOf(a), labelsOf(b));
}

/** How many labels two names share, counted from the root. */
export function countShared(a: readonly string[], b: readonly string[]): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a[a.length - 1 - shared] === b[b.length - 1 - shared]) shared++;
  return shared;
}

/** The name of the last labels of another one. */
export function lastLabels(labels: readonly string[], count: number): string {
  return joinLabels(count === 0 ? [] : labels.slice(-count));
}

/** The wildcard right below a name (RFC 4592 §2.1.1). */
export function wildcardBelow(name: string): string {
  return name === '' ? '*' : `*.${name}`;
}
