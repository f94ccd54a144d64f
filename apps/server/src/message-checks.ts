import { createKeyCache } from '@mox/dkim';
import { createResolver } from '@mox/dns-node';
import type { InboundAuthentication } from '@mox/inbound';
import { type Cidr, cidrContains, parseIp, unmapIp } from '@mox/syntax';
import type { Config } from './config/schema.ts';

/** Whether an address is in one of some networks; an IPv4 address written as one of IPv6 counts as itself. */
export function isWithin(networks: readonly Cidr[], address: string): boolean {
  const ip = parseIp(address.replace(/%.*$/, ''));
  return ip !== undefined && networks.some((network) => cidrContains(network, unmapIp(ip)));
}

/** What the checks of received mail are made with, and what ends it. */
export interface MessageChecks {
  readonly authentication: InboundAuthentication;
  close(): void;
}

/** Opens the resolver for the checks of received mail, which asks nothing until there is mail to check. */
export async function openMessageChecks({ dns, authentication }: Pick<Config, 'dns' | 'authentication'>): Promise<MessageChecks> {
  const { resolvers, validate } = dns;
  const resolver = await createResolver({ ...(resolvers && { servers: resolvers }), ...(validate && { dnssec: 'validate' }) });
  const { exempt, dmarc, trustedSealers } = authentication;
  return {
    authentication: { resolver, keyCache: createKeyCache(), exempt: (address) => isWithin(exempt, address), dmarc, trustedSealers },
    close: () => resolver.close(),
  };
}
