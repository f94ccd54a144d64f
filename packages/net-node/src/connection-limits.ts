import { isIPv4, isIPv6 } from 'node:net';

/** How many connections at once. */
export interface ConnectionLimits {
  /** In all. Default 10,000. */
  readonly total?: number;
  /** From one IPv4 address, or one IPv6 /64, which is what one customer has. Default 100. */
  readonly perAddress?: number;
}

/** First four groups of an IPv6 address: its /64. */
function network64(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** What counts as one address: an IPv4 address, mapped into IPv6 or not, or the /64 of an IPv6 address. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (isIPv4(address) || !isIPv6(address)) return address;
  return `${network64(address)}::/64`;
}

/** Counts connections against limits. */
export class ConnectionCounter {
  readonly #total: number;
  readonly #perAddress: number;
  readonly #counts = new Map<string, number>();
  #all = 0;

  constructor(limits: ConnectionLimits = {}) {
    this.#total = limits.total ?? 10_000;
    this.#perAddress = limits.perAddress ?? 100;
  }

  /** Counts a connection in; says which limit forbids it. */
  enter(address: string): 'total' | 'address' | undefined {
    const key = addressKey(address);
    const count = this.#counts.get(key) ?? 0;
    if (this.#all >= this.#total) return 'total';
    if (count >= this.#perAddress) return 'address';
    this.#all++;
    this.#counts.set(key, count + 1);
    return undefined;
  }

  /** Counts out a connection that was let in. */
  leave(address: string): void {
    const key = addressKey(address);
    const count = (this.#counts.get(key) ?? 1) - 1;
    this.#all--;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }

  get size(): number {
    return this.#all;
  }
}
