import { createSocket } from 'node:dgram';
import { parseMessage } from '@mox/dns';
import { describeError, type Exchange, type ExchangeOptions } from './exchange.ts';
import { matchResponse } from './match-response.ts';
import { formatServer, type NameServer, portOf } from './name-server.ts';

/** Datagrams that belong to no question of ours, before we believe that somebody is guessing. */
const strayLimit = 8;

/**
 * Asks with a datagram (RFC 1035 §4.2.1). Every question has a socket of its own, on a port that the system draws
 * (RFC 5452 §9.2), connected, so that datagrams from elsewhere do not even arrive (RFC 5452 §9.1).
 */
export function exchangeUdp(server: NameServer, query: Uint8Array, options: ExchangeOptions): Promise<Exchange> {
  const { signal, timeoutMilliseconds } = options;
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.address.includes(':') ? 'udp6' : 'udp4');
    let strays = 0;
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      act();
    };
    const end = (exchange: Exchange): void => finish(() => resolve(exchange));
    const abort = (): void => finish(() => reject(signal?.reason));
    const timer = setTimeout(
      () => end({ status: 'timeout', problem: `no answer from ${formatServer(server)} in ${timeoutMilliseconds} ms` }),
      timeoutMilliseconds,
    );
    signal?.addEventListener('abort', abort, { once: true });
    socket.on('error', (error) => end({ status: 'unreachable', problem: `${formatServer(server)}: ${describeError(error)}` }));
    socket.on('message', (bytes) => {
      const match = matchResponse(query, bytes);
      if (match !== 'none') return end(readResponse(server, bytes, match, options));
      if (++strays >= strayLimit) end({ status: 'suspicious', problem: `${strays} datagrams that answer nothing we asked` });
    });
    socket.connect(portOf(server), server.address, () => socket.send(query));
  });
}

function readResponse(server: NameServer, bytes: Uint8Array, match: 'exact' | 'folded', { canonical = false }: ExchangeOptions): Exchange {
  if (match === 'folded') return { status: 'suspicious', problem: 'the question came back with other letters' };
  const parsed = parseMessage(bytes, { canonical });
  if (parsed.ok) return { status: 'message', message: parsed.value, folded: false };
  // A datagram cut off in the middle of a record is an answer as well: the whole one is to be had over TCP (RFC 2181 §9).
  if (((bytes[2] ?? 0) & 0x02) !== 0) return { status: 'suspicious', problem: 'cut short' };
  return { status: 'malformed-answer', problem: `${formatServer(server)}: ${parsed.error.message} at byte ${parsed.error.offset}` };
}
