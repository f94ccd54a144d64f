import { isIP } from 'node:net';
import type { NameServer } from './name-server.ts';

/** What a resolv.conf says that a stub resolver needs. Search lists are not for mail: its names are whole. */
export interface ResolvConf {
  readonly servers: readonly NameServer[];
  readonly timeoutMilliseconds?: number;
  readonly rounds?: number;
}

const serverLimit = 3;

function readOptions(words: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    words.map((word) => {
      const colon = word.indexOf(':');
      return colon < 0 ? [word, 1] : [word.slice(0, colon), Number(word.slice(colon + 1))];
    }),
  );
}

/**
 * Reads the text of /etc/resolv.conf: `nameserver`, and of `options` `timeout`, `attempts`, `use-vc`, and `trust-ad`, by which the
 * administrator says that the servers and the way to them are trusted. Without a server, the one of this machine. Other lines are passed over.
 */
export function parseResolvConf(text: string): ResolvConf {
  const addresses: string[] = [];
  let options: ReadonlyMap<string, number> = new Map();
  for (const line of text.split(/\r?\n/, 1000)) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    const [address] = words;
    if (keyword === 'nameserver' && address !== undefined && isIP(address) !== 0 && addresses.length < serverLimit) addresses.push(address);
    if (keyword === 'options') options = new Map([...options, ...readOptions(words)]);
  }
  if (addresses.length === 0) addresses.push('127.0.0.1');
  const seconds = options.get('timeout') ?? Number.NaN;
  const attempts = options.get('attempts') ?? Number.NaN;
  return {
    servers: addresses.map((address) => ({
      address,
      ...(options.has('trust-ad') && { trusted: true }),
      ...(options.has('use-vc') && { transport: 'tcp' }),
    })),
    ...(seconds >= 1 && { timeoutMilliseconds: Math.min(seconds, 30) * 1000 }),
    ...(attempts >= 1 && { rounds: Math.min(attempts, 5) }),
  };
}
