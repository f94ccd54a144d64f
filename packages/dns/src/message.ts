import type { RecordType } from './record.ts';
import type { DnsRecord } from './resolver.ts';

/** A record of a type that has no codec here, or of another class than IN: its data as it came (RFC 3597 §3). */
export interface OpaqueRecord {
  readonly name: string;
  readonly type: 'opaque';
  readonly typeNumber: number;
  readonly class: number;
  readonly ttlSeconds: number;
  readonly data: Uint8Array;
}

/** A record of a message: of class IN and a type of `RecordData`, or opaque. */
export type MessageRecord = ({ [T in RecordType]: DnsRecord<T> }[RecordType] | OpaqueRecord) & {
  /** The data as signatures cover it, in canonical form (RFC 4034 §6.2); there where `parseMessage` was asked for it. */
  readonly canonicalData?: Uint8Array;
};

/** What a message asks for (RFC 1035 §4.1.2). */
export interface Question {
  readonly name: string;
  /** Name of the type, as `MX`, `ANY` or `TYPE65280`. */
  readonly type: string;
  /** 1 for IN, the Internet. */
  readonly class: number;
}

/** What EDNS adds to a message (RFC 6891 §6.1). */
export interface Edns {
  /** How large a datagram the sender takes (RFC 6891 §6.2.3). */
  readonly udpPayloadSizeBytes: number;
  readonly version: number;
  /** DO: the sender wants DNSSEC records (RFC 6891 §6.1.4). */
  readonly dnssecOk: boolean;
  readonly options: readonly { readonly code: number; readonly data: Uint8Array }[];
}

/** A message (RFC 1035 §4.1), its header bits by their meaning. Plain data. */
export interface DnsMessage {
  readonly id: number;
  /** QR: a response, not a query. */
  readonly response: boolean;
  /** 0 for a standard query. */
  readonly opcode: number;
  /** AA. */
  readonly authoritative: boolean;
  /** TC: what did not fit is missing. */
  readonly truncated: boolean;
  /** RD. */
  readonly recursionDesired: boolean;
  /** RA. */
  readonly recursionAvailable: boolean;
  /** AD: the server has validated everything in it (RFC 4035 §3.2.3). Worth as much as the server and the way to it are. */
  readonly authentic: boolean;
  /** CD: the server shall not validate (RFC 4035 §3.2.2). */
  readonly checkingDisabled: boolean;
  /** Response code, the upper bits of EDNS included (RFC 6891 §6.1.3). */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly MessageRecord[];
  readonly authorities: readonly MessageRecord[];
  /** Additional records without the OPT record, which is `edns`. */
  readonly additionals: readonly MessageRecord[];
  readonly edns?: Edns;
}

const rcodeNames: readonly string[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** The name of a response code (RFC 1035 §4.1.1); `RCODE16` where it has none here. */
export function formatRcode(rcode: number): string {
  return rcodeNames[rcode] ?? (rcode === 16 ? 'BADVERS' : `RCODE${rcode}`);
}
