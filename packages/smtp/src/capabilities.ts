import type { TlsInfo } from '@mox/runtime';
import type { SmtpCapabilities } from './extension.ts';
import type { SmtpReply } from './reply.ts';

/** What a server announced in its EHLO reply (RFC 5321 §4.1.1.1). Keywords are found in any case. */
export class Capabilities implements SmtpCapabilities {
  readonly tls: TlsInfo | undefined;
  readonly #words = new Map<string, readonly string[]>();

  /** Without a reply: nothing is announced. */
  constructor(reply: SmtpReply | undefined, tls: TlsInfo | undefined) {
    this.tls = tls;
    const lines = typeof reply?.text === 'string' ? [] : (reply?.text ?? []).slice(1);
    for (const line of lines) {
      const [keyword = '', ...words] = line.split(' ').filter((word) => word !== '');
      // Old servers write AUTH=PLAIN for clients that are older still.
      if (keyword !== '' && !this.#words.has(keyword.toUpperCase())) this.#words.set(keyword.toUpperCase(), words);
    }
  }

  get(keyword: string): readonly string[] | undefined {
    return this.#words.get(keyword.toUpperCase());
  }
}
