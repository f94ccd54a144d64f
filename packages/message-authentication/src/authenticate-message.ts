import { type ArcResult, ArcVerification } from '@mox/arc';
import {
  type DkimKeyCache,
  type DkimResult,
  DkimVerification,
  type DkimVerifyOptions,
  type HeaderFields,
  MessageSplitter,
} from '@mox/dkim';
import { checkDmarc, type DmarcDeps, type DmarcResult } from '@mox/dmarc';
import type { Resolver } from '@mox/dns';
import { checkIprev, type IprevResult } from '@mox/iprev';
import type { Trace } from '@mox/runtime';
import { type CheckSpfResult, checkSpf } from '@mox/spf';
import { readAuthorDomains } from './author-domains.ts';
import type { MessageSource } from './message-source.ts';

/** What authenticating a message needs. */
export interface AuthenticateMessageDeps {
  readonly resolver: Resolver;
  /** Time of the check in milliseconds: for the expiry of signatures, and the SPF macro `t`. */
  readonly now: number;
  readonly signal?: AbortSignal;
  /** Name of the receiving server, for the SPF macro `r`. */
  readonly receiver?: string;
  /** Keys of DKIM and ARC kept between messages: see `createKeyCache` of `@mox/dkim`. */
  readonly keyCache?: DkimKeyCache;
  /** Limits and choices of the DKIM verifier; its `mostHeaderBytes` holds for ARC and the From field too, `clockSkewSeconds` for ARC. */
  readonly dkim?: DkimVerifyOptions;
  /**
   * For DMARC as RFC 7489 had it, by a public suffix list: see `DmarcDeps` of `@mox/dmarc`. Without it the DNS tells which domains belong
   * together (RFC 9989 §4.10).
   */
  readonly organizationalDomain?: DmarcDeps['organizationalDomain'];
}

/** What is known of who a message is from. */
export interface MessageAuthentication {
  readonly source?: MessageSource;
  /** Whether the client's address has a name that leads back to it; absent without a source. */
  readonly iprev?: IprevResult;
  /** Of the MAIL FROM identity, of HELO for the null reverse-path; absent without a source. */
  readonly spf?: CheckSpfResult;
  /** One for each signature, from the top. */
  readonly dkim: readonly DkimResult[];
  readonly arc: ArcResult;
  /** Whether the domain that the reader sees in From stands behind the message, and what it wants done otherwise. */
  readonly dmarc: DmarcResult;
  /** Domains in the From field. */
  readonly authorDomains: readonly string[];
  /** Every step of every check, in the order of the members above. */
  readonly trace: Trace;
}

/** A promise that is awaited later: until then a rejection by the signal is nobody's fault. */
function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/**
 * Authenticates a message that comes in pieces. The envelope's checks start at once, those of signatures as soon as the header section
 * is there; memory is used for the header section alone.
 */
export class MessageAuthenticator {
  readonly #source: MessageSource | undefined;
  readonly #deps: AuthenticateMessageDeps;
  readonly #iprev: Promise<IprevResult> | undefined;
  readonly #spf: Promise<CheckSpfResult> | undefined;
  readonly #dkim: DkimVerification;
  readonly #arc: ArcVerification;
  readonly #splitter: MessageSplitter;
  #authorDomains: readonly string[] = [];

  /** Without a source only what the message itself shows is checked. Throws a TypeError where its `ip` is no address. */
  constructor(source: MessageSource | undefined, deps: AuthenticateMessageDeps) {
    const { now, receiver, organizationalDomain: _, dkim: options, ...means } = deps;
    this.#source = source;
    this.#deps = deps;
    if (source) {
      this.#iprev = later(checkIprev(source, means));
      this.#spf = later(checkSpf({ ...source, now, ...(receiver !== undefined && { receiver }) }, means));
    }
    this.#dkim = new DkimVerification({ ...means, now, ...(options && { options }) });
    const { mostHeaderBytes } = this.#dkim;
    const skew = options?.clockSkewSeconds;
    this.#arc = new ArcVerification({ ...means, now, mostHeaderBytes, ...(skew !== undefined && { clockSkewSeconds: skew }) });
    // One splitter for all: the header fields are read once.
    const target = {
      header: (fields: HeaderFields): void => {
        this.#authorDomains = readAuthorDomains(fields);
        this.#dkim.header(fields);
        this.#arc.header(fields);
      },
      body: (bytes: Uint8Array): void => {
        this.#dkim.body(bytes);
        this.#arc.body(bytes);
      },
      end: (last?: Uint8Array): void => {
        this.#dkim.end(last);
        this.#arc.end(last);
      },
    };
    this.#splitter = new MessageSplitter(target, mostHeaderBytes);
  }

  /** Takes the next bytes of the message. */
  write(bytes: Uint8Array): void {
    this.#splitter.write(bytes);
  }

  /** The message is over, with these bytes. Rejects as the signal wants. */
  async end(last?: Uint8Array): Promise<MessageAuthentication> {
    this.#splitter.end(last);
    const [iprev, spf, dkim, arc] = await Promise.all([this.#iprev, this.#spf, this.#dkim.results(), this.#arc.result()]);
    const dmarc = await this.#checkDmarc(spf, dkim);
    return {
      ...(this.#source && { source: this.#source }),
      ...(iprev && { iprev }),
      ...(spf && { spf }),
      dkim,
      arc,
      dmarc,
      authorDomains: this.#authorDomains,
      trace: [iprev, spf, ...dkim, arc, dmarc].flatMap((result) => result?.trace ?? []),
    };
  }

  #checkDmarc(spf: CheckSpfResult | undefined, dkim: readonly DkimResult[]): Promise<DmarcResult> {
    const { resolver, signal, organizationalDomain } = this.#deps;
    const input = {
      fromDomains: this.#authorDomains,
      dkim: dkim.flatMap(({ status, signature }) => (signature ? [{ domain: signature.domain, status }] : [])),
      ...(spf && { spf: { domain: spf.domain, status: spf.status } }),
    };
    return checkDmarc(input, { resolver, ...(signal && { signal }), ...(organizationalDomain && { organizationalDomain }) });
  }
}

/**
 * Authenticates a message: iprev (RFC 8601 §3), SPF (RFC 7208), DKIM (RFC 6376), ARC (RFC 8617) and DMARC (RFC 9989), in one pass and with
 * the DNS questions of the first four side by side. Without a source only DKIM and ARC tell. What the sender, the message or a zone did
 * wrong is a status of the result; it throws a TypeError where `ip` is no address or the message is text, and what the signal throws.
 */
export async function authenticateMessage(
  message: Uint8Array | AsyncIterable<Uint8Array>,
  source: MessageSource | undefined,
  deps: AuthenticateMessageDeps,
): Promise<MessageAuthentication> {
  const authenticator = new MessageAuthenticator(source, deps);
  if (message instanceof Uint8Array) return authenticator.end(message);
  for await (const bytes of message) authenticator.write(bytes);
  return authenticator.end();
}
