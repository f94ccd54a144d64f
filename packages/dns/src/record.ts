import { toLatin1 } from '@mox/runtime';

/** Data of a record by its type, for the types that mail asks for. Names are A-labels in lower case without the last dot. */
export interface RecordData {
  /** Dotted IPv4 address (RFC 1035 §3.4.1). */
  readonly A: string;
  /** IPv6 address in the form of RFC 5952 (RFC 3596 §2.2). */
  readonly AAAA: string;
  /** RFC 1035 §3.3.1. */
  readonly CNAME: string;
  /** The name under which all names below the owner are found (RFC 6672 §2.1). */
  readonly DNAME: string;
  /** RFC 1035 §3.3.9; the exchange `` is the null MX of RFC 7505 §3. */
  readonly MX: { readonly preference: number; readonly exchange: string };
  /** RFC 1035 §3.3.11. */
  readonly NS: string;
  /** RFC 1035 §3.3.12. */
  readonly PTR: string;
  /** Character strings of one record, each up to 255 bytes (RFC 1035 §3.3.14). */
  readonly TXT: readonly Uint8Array[];
  /** RFC 1035 §3.3.13. */
  readonly SOA: {
    readonly primary: string;
    readonly mailbox: string;
    readonly serial: number;
    readonly refreshSeconds: number;
    readonly retrySeconds: number;
    readonly expireSeconds: number;
    readonly minimumSeconds: number;
  };
  /** RFC 2782; the target `` says that there is no such service. */
  readonly SRV: { readonly priority: number; readonly weight: number; readonly port: number; readonly target: string };
  /** RFC 6698 §2.1. */
  readonly TLSA: { readonly usage: number; readonly selector: number; readonly matchingType: number; readonly association: Uint8Array };
  /** RFC 8659 §4.1. */
  readonly CAA: { readonly critical: boolean; readonly tag: string; readonly value: Uint8Array };
  /** RFC 4034 §5.1. */
  readonly DS: { readonly keyTag: number; readonly algorithm: number; readonly digestType: number; readonly digest: Uint8Array };
  /** RFC 4034 §2.1. */
  readonly DNSKEY: { readonly flags: number; readonly protocol: number; readonly algorithm: number; readonly key: Uint8Array };
  /** RFC 4034 §3.1. Times are seconds since 1970 modulo 2^32. */
  readonly RRSIG: {
    /** Type by its name, as `MX` or `TYPE65280`. */
    readonly typeCovered: string;
    readonly algorithm: number;
    readonly labels: number;
    readonly originalTtlSeconds: number;
    readonly expiration: number;
    readonly inception: number;
    readonly keyTag: number;
    readonly signer: string;
    readonly signature: Uint8Array;
  };
  /** RFC 4034 §4.1. Types by their names. */
  readonly NSEC: { readonly next: string; readonly types: readonly string[] };
  /** RFC 5155 §3.1. */
  readonly NSEC3: {
    readonly algorithm: number;
    readonly flags: number;
    readonly iterations: number;
    readonly salt: Uint8Array;
    readonly nextHash: Uint8Array;
    readonly types: readonly string[];
  };
  /** RFC 5155 §4.1. */
  readonly NSEC3PARAM: { readonly algorithm: number; readonly flags: number; readonly iterations: number; readonly salt: Uint8Array };
  /** RFC 9460. */
  readonly SVCB: ServiceBinding;
  /** RFC 9460. */
  readonly HTTPS: ServiceBinding;
}

/** Data of SVCB and HTTPS records (RFC 9460): the target `` is the owner itself; parameters by rising key, their values undecoded. */
export interface ServiceBinding {
  readonly priority: number;
  readonly target: string;
  readonly parameters: readonly { readonly key: number; readonly value: Uint8Array }[];
}

/** Names of the record types that a `Resolver` answers. */
export type RecordType = keyof RecordData;

/** The text of a TXT record: its strings joined without anything between, bytes as Latin-1 characters (RFC 7208 §3.3, RFC 6376 §3.6.2.2). */
export function joinTxt(strings: readonly Uint8Array[]): string {
  let text = '';
  for (const string of strings) text += toLatin1(string);
  return text;
}
