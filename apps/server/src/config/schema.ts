import type { DmarcEnforcement } from '@mox/inbound';
import { type Cidr, parseCidr } from '@mox/syntax';
import * as z from 'zod';
import { parseServerAddress, type ServerAddress } from './server-address.ts';

const port = z.int().min(1).max(65_535);
const bytes = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
const count = z.int().min(1).max(1_000_000);
const seconds = z.number().positive().max(86_400);

const service = z.strictObject({
  port: port.optional(),
  enabled: z.boolean().default(true),
});

/** A network, e.g. `192.0.2.0/24`; a lone address is one of a single host. */
const network = z.string().transform((text, context): Cidr => {
  const cidr = parseCidr(text);
  if (cidr) return cidr;
  context.addIssue({ code: 'custom', message: 'not an IP address or a network such as 192.0.2.0/24 or 2001:db8::/32' });
  return z.NEVER;
});

const domain = z.string().regex(/^[^\s.]+(\.[^\s.]+)*$/u, 'not a domain');

const serverAddress = z.string().transform((text, context): ServerAddress => {
  const address = parseServerAddress(text);
  if (address) return address;
  context.addIssue({ code: 'custom', message: 'not the address of a resolver, such as 127.0.0.1 or [::1]:5353' });
  return z.NEVER;
});

/** One of the services a server listens with. */
export interface ServiceConfig {
  /** Its own port, in place of the usual one plus the offset. */
  readonly port?: number | undefined;
  readonly enabled: boolean;
}

/** Names of the services, those of IANA's registry of ports. */
export type ServiceName = 'smtp' | 'submission' | 'submissions' | 'imap' | 'imaps';

/** A whole configuration: read, checked, defaults filled in. */
export interface Config {
  readonly hostname: string;
  readonly account: { readonly name: string; readonly password: string; readonly catchAll: boolean };
  readonly addresses: readonly string[];
  readonly portOffset: number;
  readonly services: Readonly<Record<ServiceName, ServiceConfig>>;
  readonly limits: {
    readonly messageSizeBytes: number;
    readonly recipients: number;
    readonly connections: number;
    readonly connectionsPerAddress: number;
  };
  readonly timeouts: {
    readonly smtpSeconds: number;
    readonly imapSeconds: number;
    readonly loginSeconds: number;
    readonly writeSeconds: number;
    readonly stopSeconds: number;
  };
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'text' | 'json' };
  readonly store: { readonly workers?: number | undefined };
  readonly dns: {
    /** In place of those of the machine. */
    readonly resolvers?: readonly ServerAddress[] | undefined;
    /** Whether the server checks the signatures of DNSSEC itself, rather than to trust a resolver of its machine. */
    readonly validate: boolean;
  };
  readonly authentication: {
    /** Networks of clients whose mail is not checked. */
    readonly exempt: readonly Cidr[];
    readonly dmarc: DmarcEnforcement;
    readonly trustedSealers: readonly string[];
  };
}

/** What `mox.yaml` may hold. Every value but the hostname and the account has a default. */
export const configSchema: z.ZodType<Config> = z.strictObject({
  hostname: z.string().regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'not a host name'),
  account: z.strictObject({
    name: z.string().min(1).max(255),
    password: z.string().min(1).max(1_000),
    catchAll: z.boolean().default(true),
  }),
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .min(1)
    .default(['127.0.0.1', '::1']),
  portOffset: z.int().min(0).max(64_000).default(1_000),
  services: z
    .strictObject({
      smtp: service.prefault({}),
      submission: service.prefault({}),
      submissions: service.prefault({}),
      imap: service.prefault({}),
      imaps: service.prefault({}),
    })
    .prefault({}),
  limits: z
    .strictObject({
      messageSizeBytes: bytes.max(2 ** 40).default(104_857_600),
      recipients: count.default(1_000),
      connections: count.default(10_000),
      connectionsPerAddress: count.default(10_000),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      smtpSeconds: seconds.default(300),
      imapSeconds: seconds.default(1_800),
      loginSeconds: seconds.default(60),
      writeSeconds: seconds.default(300),
      stopSeconds: seconds.default(5),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['text', 'json']).default('text'),
    })
    .prefault({}),
  store: z.strictObject({ workers: z.int().min(1).max(64).optional() }).prefault({}),
  dns: z
    .strictObject({
      resolvers: z.array(serverAddress).min(1).max(10).optional(),
      validate: z.boolean().default(false),
    })
    .prefault({}),
  authentication: z
    .strictObject({
      exempt: z.array(network).max(1_000).prefault(['127.0.0.0/8', '::1']),
      dmarc: z.enum(['reject', 'quarantine', 'none']).default('reject'),
      trustedSealers: z.array(domain).max(10_000).default([]),
    })
    .prefault({}),
});
