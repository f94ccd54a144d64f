import type { Random } from '@mox/runtime';
import type { RecordData } from './record.ts';

type Server = RecordData['SRV'];

/** Servers that are put in order: no client tries more, and each takes a look at those of its priority. */
const mostServers = 100;

/** A number from 0 to `most`, each as likely as the others to within 2^-16. */
function drawUpTo(most: number, random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = random.bytes(6);
  const drawn = (a * 0x1_0000 + b * 0x100 + c) * 0x100_0000 + (d * 0x1_0000 + e * 0x100 + f);
  return Math.floor((drawn / 2 ** 48) * (most + 1));
}

/** Takes one of the servers of a priority out of the list, where those without weight stand in front. */
function takeServer(servers: Server[], random: Random): Server | undefined {
  const drawn = drawUpTo(
    servers.reduce((sum, { weight }) => sum + weight, 0),
    random,
  );
  let running = 0;
  const at = servers.findIndex(({ weight }) => (running += weight) >= drawn);
  return servers.splice(at, 1)[0];
}

/**
 * Servers of a service, as its SRV records have them, in the order in which a client tries them (RFC 2782): the lowest priority first,
 * and of one priority drawn by weight. None where the domain says that it has no such service, which is the target ``; a domain without
 * records says nothing. At most 100.
 */
export function orderServers(records: readonly RecordData['SRV'][], random: Random): readonly RecordData['SRV'][] {
  const rest = records.filter(({ target }) => target !== '').toSorted((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: Server[] = [];
  for (let start = 0; start < rest.length; ) {
    const { priority } = rest[start] as Server;
    const alike = rest.filter((server) => server.priority === priority);
    start += alike.length;
    while (alike.length > 0) {
      if (ordered.length === mostServers) return ordered;
      const server = takeServer(alike, random);
      if (server) ordered.push(server);
    }
  }
  return ordered;
}
