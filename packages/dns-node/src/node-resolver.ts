import { readFile } from 'node:fs/promises';
import { type CacheOptions, CachingResolver, type DnsAnswer, type QueryOptions, type RecordType, type Resolver } from '@mox/dns';
import { ValidatingResolver, type ValidatingResolverOptions } from '@mox/dnssec';
import { type Hosts, LocalNamesResolver, parseHosts } from './local-names.ts';
import { parseResolvConf } from './resolv-conf.ts';
import { type StubOptions, StubResolver } from './stub-resolver.ts';
import { systemClock } from './system-clock.ts';

/** What a `NodeResolver` is made with: servers, bounds of the cache, names of this machine. */
export interface NodeResolverOptions extends StubOptions, Partial<CacheOptions> {
  readonly hosts?: Hosts;
  /**
   * Who validates by DNSSEC: `trust` the servers that are trusted, which is the default, or `validate` it here from a trust anchor on,
   * whoever the servers are. The latter asks more questions, and tells in each answer's `trace` why it is so.
   */
  readonly dnssec?: 'trust' | 'validate';
  /** Trust anchors and limits of validation here. */
  readonly validation?: Omit<ValidatingResolverOptions, 'exchanger' | 'clock'>;
}

/** The resolver for a server: the names of this machine, then a cache, then the network. */
export class NodeResolver implements Resolver {
  readonly #stub: StubResolver;
  readonly #cache: CachingResolver;
  readonly #validating: ValidatingResolver | undefined;
  readonly #resolver: Resolver;

  constructor(options: NodeResolverOptions) {
    this.#stub = new StubResolver(options);
    const { clock = systemClock, dnssec = 'trust', validation } = options;
    if (dnssec === 'validate') this.#validating = new ValidatingResolver({ ...validation, exchanger: this.#stub, clock });
    this.#cache = new CachingResolver(this.#validating ?? this.#stub, { clock, ...options });
    this.#resolver = new LocalNamesResolver(this.#cache, options.hosts);
  }

  query<T extends RecordType>(name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<T>> {
    return this.#resolver.query(name, type, options);
  }

  /** Forgets all answers, and all keys of zones. */
  clearCache(): void {
    this.#cache.clear();
    this.#validating?.clear();
  }

  /** Closes connections that are kept. */
  close(): void {
    this.#stub.close();
  }
}

/** Where `createResolver` reads what it is not told. */
export interface CreateResolverOptions extends Partial<NodeResolverOptions> {
  /** `/etc/resolv.conf` unless told; not read where `servers` are given. */
  readonly resolvConfPath?: string;
  /** `/etc/hosts` unless told; not read where `hosts` are given. */
  readonly hostsPath?: string;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // A machine without the file has the defaults, as every resolver library does it.
    return '';
  }
}

/** Makes the resolver of this machine: servers of its resolv.conf, names of its hosts file. What is given goes before what they say. */
export async function createResolver(options: CreateResolverOptions = {}): Promise<NodeResolver> {
  const { resolvConfPath = '/etc/resolv.conf', hostsPath = '/etc/hosts', ...given } = options;
  const system = given.servers ? { servers: given.servers } : parseResolvConf(await readText(resolvConfPath));
  const hosts = given.hosts ?? parseHosts(await readText(hostsPath));
  return new NodeResolver({ ...system, hosts, ...given });
}
