export { type Hosts, LocalNamesResolver, parseHosts } from './local-names.ts';
export type { NameServer } from './name-server.ts';
export { type CreateResolverOptions, createResolver, NodeResolver, type NodeResolverOptions } from './node-resolver.ts';
export { parseResolvConf, type ResolvConf } from './resolv-conf.ts';
export { type StubOptions, StubResolver } from './stub-resolver.ts';
