import { type DnsMessage, formatMessage } from '@mox/dns';
import { ManualClock } from '@mox/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { type StubOptions, StubResolver } from '../src/index.ts';
import { isTrusted, portOf } from '../src/name-server.ts';
import { addressRecord, type FakeServer, type Handler, respond, startFakeServer } from './fake-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(handler: Handler): Promise<FakeServer> {
  const server = await startFakeServer(handler);
  closing.push(() => server.close());
  return server;
}

function resolverFor(servers: readonly FakeServer[], options: Partial<StubOptions> = {}): StubResolver {
  const resolver = new StubResolver({
    servers: servers.map(({ port }) => ({ address: '127.0.0.1', port })),
    timeoutMilliseconds: 1000,
    ...options,
  });
  closing.push(() => resolver.close());
  return resolver;
}

const soa = {
  name: 'example.org',
  type: 'SOA' as const,
  ttlSeconds: 900,
  data: {
    primary: 'ns.example.org',
    mailbox: 'h.example.org',
    serial: 1,
    refreshSeconds: 1,
    retrySeconds: 1,
    expireSeconds: 1,
    minimumSeconds: 300,
  },
};

const emptyQuery: DnsMessage = {
  ...{ id: 0, response: false, opcode: 0, authoritative: false, truncated: false, recursionDesired: true, recursionAvailable: false },
  ...{ authentic: false, checkingDisabled: false, rcode: 0, questions: [], answers: [], authorities: [], additionals: [] },
};

describe('isTrusted', () => {
  it.each([
    ['127.0.0.1', {}, true],
    ['127.0.0.53', {}, true],
    ['::1', {}, true],
    ['::ffff:127.0.0.1', {}, true],
    ['127.0.0.11', {}, false],
    ['127.0.0.11', { trusted: true }, true],
    ['127.0.0.1', { trusted: false }, false],
    ['192.0.2.53', {}, false],
    ['192.0.2.53', { trusted: true }, true],
    ['127.0.0.1', { transport: 'tls', tls: { opportunistic: true } }, false],
  ] as const)('RFC 4035 §4.9.3: %s with %j: %s', (address, options, trusted) => {
    expect(isTrusted({ address, ...options })).toBe(trusted);
  });
});

it.each([
  [{}, 53],
  [{ transport: 'tcp' }, 53],
  [{ transport: 'tls' }, 853],
  [{ transport: 'tls', port: 443 }, 443],
] as const)('RFC 7858 §3.1: the port of %j is %i', (options, port) => {
  expect(portOf({ address: '192.0.2.53', ...options })).toBe(port);
});

describe('StubResolver', () => {
  it('RFC 6891 §6.2.3: asks with EDNS, DO and AD of a trusted server, letters mixed', async () => {
    const server = await start(({ query }) => respond(query, { answers: [addressRecord('mail.example.org')], authentic: true }));
    const answer = await resolverFor([server]).query('mail.example.org.', 'A');
    expect(answer).toMatchObject({ status: 'ok', security: 'secure', ttlSeconds: 60, aliases: [] });
    expect(answer.records).toEqual([addressRecord('mail.example.org')]);
    const [asked] = server.asked;
    expect(asked?.query).toMatchObject({ recursionDesired: true, authentic: true, edns: { udpPayloadSizeBytes: 1232, dnssecOk: true } });
  });

  it('RFC 4035 §4.9.3: AD of a server that is not trusted says nothing', async () => {
    const server = await start(({ query }) => respond(query, { answers: [addressRecord('mail.example.org')], authentic: true }));
    const resolver = resolverFor([], { servers: [{ address: '127.0.0.1', port: server.port, trusted: false }] });
    expect((await resolver.query('mail.example.org', 'A')).security).toBe('indeterminate');
    expect(server.asked[0]?.query).toMatchObject({ authentic: false, edns: { dnssecOk: false } });
  });

  it('RFC 2308 §2: no data and no such name, with how long that may be kept', async () => {
    const server = await start(({ query }) => respond(query, { rcode: query.questions[0]?.type === 'MX' ? 0 : 3, authorities: [soa] }));
    const resolver = resolverFor([server]);
    expect(await resolver.query('example.org', 'MX')).toMatchObject({ status: 'nodata', security: 'insecure', ttlSeconds: 300 });
    expect(await resolver.query('no.example.org', 'A')).toMatchObject({ status: 'nxdomain', ttlSeconds: 300 });
  });

  it('RFC 7766 §5: what was truncated is asked for over TCP, over one connection', async () => {
    const server = await start(({ query, transport }) =>
      transport === 'udp'
        ? respond(query, { truncated: true })
        : respond(query, { answers: [addressRecord(query.questions[0]?.name ?? '')] }),
    );
    const resolver = resolverFor([server]);
    expect((await resolver.query('a.example.org', 'A')).status).toBe('ok');
    const many = await Promise.all(Array.from({ length: 20 }, (_, i) => resolver.query(`n${i}.example.org`, 'A')));
    expect(many.map(({ records }) => records[0]?.name)).toEqual(Array.from({ length: 20 }, (_, i) => `n${i}.example.org`));
    expect(server.connections).toBe(1);
  });

  it('RFC 7766 §6.2.4: a connection that the server closed meanwhile is opened again', async () => {
    let count = 0;
    const server = await start(({ query, transport }) => {
      if (transport === 'udp') return respond(query, { truncated: true });
      if (++count === 2) return new Uint8Array(0);
      return respond(query, { answers: [addressRecord('a.example.org')] });
    });
    const resolver = resolverFor([server]);
    expect((await resolver.query('a.example.org', 'A')).status).toBe('ok');
    expect((await resolver.query('a.example.org', 'A')).status).toBe('ok');
    expect(server.connections).toBe(2);
  });

  it('RFC 5452 §9.1: a datagram with another ID or question is not the answer', async () => {
    const server = await start(({ query, bytes }) => {
      const right = formatMessage(respond(query, { answers: [addressRecord('mail.example.org')] }));
      right.set(bytes.subarray(12, 12 + 'xmail.example.org'.length + 5), 12);
      const forged = formatMessage(respond(query, { id: query.id ^ 1, answers: [addressRecord('mail.example.org', '203.0.113.66')] }));
      const elsewhere = formatMessage(respond(query, { questions: [{ name: 'evil.example.org', type: 'A', class: 1 }] }));
      return [forged, elsewhere, formatMessage(query), right];
    });
    const answer = await resolverFor([server]).query('mail.example.org', 'A');
    expect(answer.records.map(({ data }) => data)).toEqual(['192.0.2.1']);
  });

  it('RFC 5452 §9.3: many forged datagrams lead to TCP', async () => {
    const server = await start(({ query, transport }) =>
      transport === 'tcp'
        ? respond(query, { answers: [addressRecord('mail.example.org')] })
        : Array.from({ length: 20 }, (_, i) => formatMessage(respond(query, { id: (query.id + 1 + i) & 0xffff }))),
    );
    expect((await resolverFor([server]).query('mail.example.org', 'A')).records[0]?.data).toBe('192.0.2.1');
    expect(server.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
  });

  it('asks over TCP where letters came back changed, and plainly once that is known', async () => {
    const server = await start(({ query, transport }) => {
      const message = respond(query, { answers: [addressRecord('abcdefghijklmnopqrstuvw.example.org')] });
      // Written anew, so in lower case.
      return transport === 'udp' || transport === 'tcp' ? [formatMessage(message)] : undefined;
    });
    const resolver = resolverFor([server]);
    for (let i = 0; i < 3; i++) expect((await resolver.query('abcdefghijklmnopqrstuvw.example.org', 'A')).status).toBe('ok');
    expect(server.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp', 'udp', 'udp']);
  });

  it('RFC 4035 §4.9.2: exchange asks for signatures and no judgement, of any server, and goes on where one has nothing to say', async () => {
    const broken = await start(({ query }) => respond(query, { rcode: 2 }));
    const good = await start(({ query, transport }) =>
      transport === 'udp' ? respond(query, { truncated: true }) : respond(query, { answers: [addressRecord('mail.example.org')] }),
    );
    const resolver = resolverFor([], {
      servers: [broken, good].map(({ port }) => ({ address: '127.0.0.1', port, trusted: false })),
    });
    const result = await resolver.exchange('Mail.example.org.', 'A');
    expect(result).toMatchObject({
      status: 'message',
      message: { answers: [{ data: '192.0.2.1', canonicalData: Uint8Array.of(192, 0, 2, 1) }] },
    });
    for (const { query } of [...broken.asked, ...good.asked])
      expect(query).toMatchObject({ checkingDisabled: true, edns: { dnssecOk: true } });
    expect(await resolverFor([broken]).exchange('mail.example.org', 'A')).toMatchObject({ status: 'message', message: { rcode: 2 } });
    expect((await resolver.exchange('a..b', 'A')).status).toBe('malformed-name');
    const silent = await start(() => undefined);
    expect((await resolverFor([silent], { timeoutMilliseconds: 20 }).exchange('mail.example.org', 'A')).status).toBe('timeout');
    await expect(resolver.exchange('mail.example.org', 'A', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  it('RFC 6840 §5.7: without EDNS a trusted server is still asked to say whether it validated', async () => {
    const server = await start(({ query }) => {
      const { edns: _, ...plain } = query;
      if (query.edns) return respond(plain, { rcode: 1, questions: [] });
      return respond(plain, { authentic: query.authentic, answers: [addressRecord('mail.example.org')] });
    });
    expect(await resolverFor([server]).query('mail.example.org', 'A')).toMatchObject({ status: 'ok', security: 'secure' });
  });

  it.each([
    ['FORMERR without a question', 1, []],
    ['NOTIMP', 4, undefined],
  ] as const)('RFC 6891 §7: %s of an old server leads to a query without EDNS', async (_, rcode, questions) => {
    const server = await start(({ query }) => {
      if (!query.edns) return respond(query, { answers: [addressRecord('mail.example.org')] });
      const { edns: _, ...plain } = query;
      return respond(plain, { rcode, ...(questions && { questions }) });
    });
    expect((await resolverFor([server]).query('mail.example.org', 'A')).status).toBe('ok');
    expect(server.asked).toHaveLength(2);
  });

  it('RFC 8914 §4.7: a trusted server says why validation failed, and nobody else is asked', async () => {
    const options = [{ code: 15, data: new TextEncoder().encode('\0\x07old') }];
    const bogus = await start(({ query }) =>
      respond(query, { rcode: 2, edns: { udpPayloadSizeBytes: 1232, version: 0, dnssecOk: true, options } }),
    );
    const other = await start(({ query }) => respond(query, { answers: [addressRecord('mail.example.org')] }));
    const answer = await resolverFor([bogus, other]).query('mail.example.org', 'A');
    expect(answer).toMatchObject({ status: 'servfail', security: 'bogus', records: [], problem: 'signature expired (7): old' });
    expect(other.asked).toEqual([]);
  });

  it('RFC 4035 §5.5: SERVFAIL that goes away without checking is bogus', async () => {
    const server = await start(({ query }) =>
      query.checkingDisabled ? respond(query, { answers: [addressRecord('mail.example.org')] }) : respond(query, { rcode: 2 }),
    );
    expect(await resolverFor([server]).query('mail.example.org', 'A')).toMatchObject({
      status: 'servfail',
      security: 'bogus',
      records: [],
    });
    const broken = await start(({ query }) => respond(query, { rcode: 2 }));
    expect(await resolverFor([broken]).query('mail.example.org', 'A')).toMatchObject({ status: 'servfail', security: 'indeterminate' });
  });

  it('RFC 4035 §5.5: SERVFAIL that has gone away by itself is not bogus', async () => {
    let count = 0;
    const server = await start(({ query }) =>
      count++ === 0 ? respond(query, { rcode: 2 }) : respond(query, { authentic: true, answers: [addressRecord('mail.example.org')] }),
    );
    expect(await resolverFor([server]).query('mail.example.org', 'A')).toMatchObject({ status: 'ok', security: 'secure' });
  });

  it('RFC 4035 §4.9.3: what a trusted server could not answer is not asked of one that is not trusted', async () => {
    const broken = await start(({ query }) => respond(query, { rcode: 2 }));
    const other = await start(({ query }) => respond(query, { answers: [addressRecord('mail.example.org')] }));
    const resolver = resolverFor([], {
      servers: [
        { address: '127.0.0.1', port: broken.port },
        { address: '127.0.0.1', port: other.port, trusted: false },
      ],
    });
    expect((await resolver.query('mail.example.org', 'A')).status).toBe('servfail');
    expect(other.asked).toEqual([]);
  });

  it('who answered is asked first for half a minute, unless that would put one that is not trusted before one that is', async () => {
    const silent = await start(() => undefined);
    const good = await start(({ query }) => respond(query, { answers: [addressRecord('mail.example.org')] }));
    const clock = new ManualClock(0);
    const equal = resolverFor([silent, good], { clock, timeoutMilliseconds: 250 });
    for (const milliseconds of [0, 29_999, 1]) {
      clock.advance(milliseconds);
      expect((await equal.query('mail.example.org', 'A')).status).toBe('ok');
    }
    expect(silent.asked).toHaveLength(2);
    const servers = [
      { address: '127.0.0.1', port: silent.port },
      { address: '127.0.0.1', port: good.port, trusted: false },
    ];
    const unequal = resolverFor([], { servers, clock, timeoutMilliseconds: 250 });
    for (let i = 0; i < 2; i++) expect((await unequal.query('mail.example.org', 'A')).security).toBe('indeterminate');
    expect(silent.asked).toHaveLength(4);
  });

  it('goes on to the next server after SERVFAIL, REFUSED and silence, and asks who answered first next time', async () => {
    const silent = await start(() => undefined);
    const refusing = await start(({ query }) => respond(query, { rcode: 5 }));
    const good = await start(({ query }) => respond(query, { answers: [addressRecord('mail.example.org')] }));
    const resolver = resolverFor([silent, refusing, good]);
    expect((await resolver.query('mail.example.org', 'A')).status).toBe('ok');
    expect((await resolver.query('mail.example.org', 'A')).status).toBe('ok');
    expect([silent.asked.length, refusing.asked.length, good.asked.length]).toEqual([1, 1, 2]);
    expect((await resolverFor([refusing]).query('mail.example.org', 'A')).status).toBe('refused');
  });

  it('asks again after silence, and gives up', async () => {
    const server = await start(() => undefined);
    const answer = await resolverFor([server], { timeoutMilliseconds: 20 }).query('mail.example.org', 'A');
    expect(answer).toMatchObject({ status: 'timeout', security: 'indeterminate' });
    expect(server.asked).toHaveLength(2);
  });

  it('a port where nobody listens is a timeout at once', async () => {
    const server = await startFakeServer(() => undefined);
    await server.close();
    const started = performance.now();
    expect((await resolverFor([server], { timeoutMilliseconds: 5000 }).query('mail.example.org', 'A')).status).toBe('timeout');
    expect(performance.now() - started).toBeLessThan(4000);
  });

  it('an abort ends the question with its reason', async () => {
    const server = await start(() => undefined);
    const resolver = resolverFor([server], { timeoutMilliseconds: 10_000 });
    await expect(resolver.query('mail.example.org', 'A', { signal: AbortSignal.timeout(20) })).rejects.toThrow('timeout');
    await expect(resolver.query('mail.example.org', 'A', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const tcp = new StubResolver({ servers: [{ address: '127.0.0.1', port: server.port, transport: 'tcp' }], timeoutMilliseconds: 10_000 });
    await expect(tcp.query('mail.example.org', 'A', { signal: AbortSignal.timeout(20) })).rejects.toThrow('timeout');
    tcp.close();
  });

  it('a broken message is malformed, over either transport', async () => {
    const server = await start(({ query, bytes }) => {
      const message = formatMessage(respond(query, { answers: [addressRecord('mail.example.org')] }));
      message.set(bytes.subarray(12, 34), 12);
      return message.slice(0, -14);
    });
    expect((await resolverFor([server]).query('mail.example.org', 'A')).status).toBe('malformed-answer');
    const tcp = resolverFor([], { servers: [{ address: '127.0.0.1', port: server.port, transport: 'tcp' }] });
    expect((await tcp.query('mail.example.org', 'A')).status).toBe('malformed-answer');
  });

  it('RFC 1034 §3.6.2: an alias whose target the server left out is asked for, a circle is not', async () => {
    const alias = (name: string, data: string) => ({ name, type: 'CNAME' as const, ttlSeconds: 30, data });
    const targets: Readonly<Record<string, string>> = {
      'a.example.org': 'b.example.org',
      'b.example.org': 'c.example.org',
      'x.example.org': 'y.example.org',
      'y.example.org': 'x.example.org',
    };
    const server = await start(({ query }) => {
      const name = query.questions[0]?.name ?? '';
      const target = targets[name];
      return respond(query, {
        authentic: name !== 'b.example.org',
        answers: [target === undefined ? addressRecord(name) : alias(name, target)],
      });
    });
    const resolver = resolverFor([server]);
    expect(await resolver.query('a.example.org', 'A')).toMatchObject({
      status: 'ok',
      aliases: ['b.example.org', 'c.example.org'],
      security: 'insecure',
      ttlSeconds: 30,
    });
    expect(await resolver.query('x.example.org', 'A')).toMatchObject({ status: 'servfail', records: [] });
    expect(server.asked.length).toBeLessThan(8);
  });

  it.each(['a..b', `${'x'.repeat(64)}.org`, 'b\u00fccher.example', `${'abcdefg.'.repeat(32)}org`])(
    '%j cannot be asked for',
    async (name) => {
      const server = await start(() => undefined);
      expect((await resolverFor([server]).query(name, 'A')).status).toBe('malformed-name');
      expect(server.asked).toEqual([]);
    },
  );

  it('whatever a server sends, every question ends with a status', async () => {
    const records = Array.from({ length: 5 }, (_, i) => addressRecord('mail.example.org', `192.0.2.${i}`));
    const whole = formatMessage(
      respond({ ...emptyQuery, questions: [{ name: 'mail.example.org', type: 'A', class: 1 }] }, { answers: records, authorities: [soa] }),
    );
    const kept = 12 + 'xmail.example.org'.length + 5;
    const tails = [...mutants([whole.slice(kept)], { count: 300, seed: 9, tokens: ['\xc0\x0c', '\0', '\xff\xff'] })];
    const server = await start(({ bytes }) => {
      const response = new Uint8Array(Buffer.concat([whole.subarray(0, kept), tails.pop() ?? new Uint8Array(0)]));
      response.set(bytes.subarray(0, 2));
      response.set(bytes.subarray(12, kept), 12);
      return [response];
    });
    const resolver = resolverFor([server], { rounds: 1 });
    const statuses = new Set<string>();
    for (let i = 0; i < 250; i++) statuses.add((await resolver.query('mail.example.org', 'A')).status);
    expect(statuses).toContain('malformed-answer');
    expect(statuses).toContain('ok');
  });

  it('a name server whose address is none is a mistake of the program', () => {
    expect(() => new StubResolver({ servers: [] })).toThrow(TypeError);
    expect(() => new StubResolver({ servers: [{ address: 'ns.example.org' }] })).toThrow(TypeError);
    for (const port of [0, 99_999, 1.5]) expect(() => new StubResolver({ servers: [{ address: '192.0.2.53', port }] })).toThrow(TypeError);
  });
});
