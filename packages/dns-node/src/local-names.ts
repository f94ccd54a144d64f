import {
  type DnsAnswer,
  type DnsRecord,
  isAtOrBelow,
  normalizeName,
  parseReverseName,
  type QueryOptions,
  type RecordType,
  type Resolver,
} from '@mox/dns';
import { formatIp, parseIp } from '@mox/syntax';

/** Addresses by name and names by address, as a hosts file has them. */
export interface Hosts {
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly names: ReadonlyMap<string, readonly string[]>;
}

const lineLimit = 10_000;

function add(map: Map<string, string[]>, key: string, value: string): void {
  const there = map.get(key);
  if (!there) map.set(key, [value]);
  else if (!there.includes(value)) there.push(value);
}

/** Reads the text of /etc/hosts: an address and its names on each line. Lines that are no such thing are passed over. */
export function parseHosts(text: string): Hosts {
  const addresses = new Map<string, string[]>();
  const names = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/, lineLimit)) {
    const [first = '', ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    const ip = parseIp(first);
    if (!ip) continue;
    for (const word of words) {
      const name = normalizeName(word);
      if (name === undefined || name === '') continue;
      add(addresses, name, formatIp(ip));
      add(names, formatIp(ip), name);
    }
  }
  return { addresses, names };
}

const localhost: readonly string[] = ['::1', '127.0.0.1'];

function record<T extends RecordType>(name: string, type: T, data: DnsRecord<T>['data']): DnsRecord<T> {
  return { name, type, ttlSeconds: 0, data };
}

/** Answers what no name server is to be asked: localhost, invalid, onion, and the names of a hosts file; passes on the rest. */
export class LocalNamesResolver implements Resolver {
  readonly #resolver: Resolver;
  readonly #hosts: Hosts;

  constructor(resolver: Resolver, hosts: Hosts = { addresses: new Map(), names: new Map() }) {
    this.#resolver = resolver;
    this.#hosts = hosts;
  }

  async query<T extends RecordType>(question: string, type: T, options: QueryOptions = {}): Promise<DnsAnswer<T>> {
    options.signal?.throwIfAborted();
    const name = normalizeName(question);
    const local = name === undefined ? undefined : this.#answer(name, type);
    return local ? (local as unknown as DnsAnswer<T>) : this.#resolver.query(question, type, options);
  }

  #answer(name: string, type: RecordType): DnsAnswer | undefined {
    const none: DnsAnswer = { status: 'nodata', security: 'insecure', records: [], aliases: [], ttlSeconds: 0 };
    // RFC 6761 §6.4, RFC 7686 §2: these are never asked for.
    if (isAtOrBelow(name, 'invalid') || isAtOrBelow(name, 'onion')) return { ...none, status: 'nxdomain' };
    const records = this.#records(name, type);
    if (records) return { ...none, status: records.length > 0 ? 'ok' : 'nodata', records };
    // RFC 6761 §6.3: other types of localhost have no data, and no server is to be asked.
    return isAtOrBelow(name, 'localhost') ? none : undefined;
  }

  #records(name: string, type: RecordType): readonly DnsRecord[] | undefined {
    if (type === 'PTR') {
      const address = parseReverseName(name);
      const names = address && this.#hosts.names.get(formatIp(address));
      return names?.map((host) => record(name, 'PTR', host));
    }
    if (type !== 'A' && type !== 'AAAA') return undefined;
    const addresses = isAtOrBelow(name, 'localhost') ? localhost : this.#hosts.addresses.get(name);
    return addresses?.filter((address) => address.includes(':') === (type === 'AAAA')).map((address) => record(name, type, address));
  }
}
