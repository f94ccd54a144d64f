import { isIP } from 'node:net';

/** Where a name server or resolver is. */
export interface ServerAddress {
  readonly address: string;
  /** 53 unless told. */
  readonly port?: number;
}

/** Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`; undefined for anything else. */
export function parseServerAddress(text: string): ServerAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  if (isIP(address) === 0 || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) return undefined;
  return { address, ...(port !== undefined && { port: Number(port) }) };
}
