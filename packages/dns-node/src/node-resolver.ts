import { readFile } from 'node:fs/promises';
import { type CacheOptions, CachingResolver, type DnsAnswer, type QueryOptions, type RecordType, type Resolver } from '@mox/dns';
import { type Hosts, LocalNamesResolver, parseHosts } from './local-names.ts';
import { parseResolvConf } from './resolv-conf.ts';
import { type StubOptions, StubResolver } from './stub-resolver.ts';
import { systemClock } from './system-clock.ts';

/** What a `NodeResolver` is made with: servers, bounds of the cache, names of this machine. */
export interface NodeResolverOptions extends StubOptions, Partial<CacheOptions> {
  readonly hosts?: Hosts;
}

/** The resolver for a server: the names of this machine, then a cache, then the network. */
export class NodeResolver implements Resolver {
  readonly #stub: StubResolver;
  readonly #cache: CachingResolver;
  readonly #resolver: Resolver;

  constructor(options: NodeResolverOptions) {
    this.#stub = new StubResolver(options);
    this.#cache = new CachingResolver(this.#stub, { clock: systemClock, ...options });
    this.#resolver = new LocalNamesResolver(this.#cache, options.hosts);
  }

  query<T extends RecordType>(name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<T>> {
    return this.#resolver.query(name, type, options);
  }

  /** Forgets all answers. */
  clearCache(): void {
    this.#cache.clear();
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
