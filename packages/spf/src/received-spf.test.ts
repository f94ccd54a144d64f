import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReceivedSpf, parseReceivedSpf, receivedSpf } from './received-spf.ts';

describe('parseReceivedSpf', () => {
  it('RFC 7208 §9.1: the example', () => {
    const body = ` pass (mybox.example.org: domain of
 myname@example.com designates 192.0.2.1 as permitted sender)
    receiver=mybox.example.org; client-ip=192.0.2.1;
    envelope-from="myname@example.com"; helo=foo.example.com;`;
    expect(parseReceivedSpf(body)).toEqual({
      status: 'pass',
      comment: 'mybox.example.org: domain of myname@example.com designates 192.0.2.1 as permitted sender',
      values: { receiver: 'mybox.example.org', 'client-ip': '192.0.2.1', 'envelope-from': 'myname@example.com', helo: 'foo.example.com' },
    });
  });

  it.each(['', 'maybe (x)', 'passed', 'pass-x (y)', 'pass;helo=x', '(pass)', '(unended pass'])('%j is none', (body) => {
    expect(parseReceivedSpf(body)).toBeUndefined();
  });
});

describe('parseReceivedSpf, odd forms', () => {
  it.each([
    ['(a comment) pass helo=x.example', 'pass', undefined, { helo: 'x.example' }],
    ['Pass(designated (really\\)))helo=x', 'pass', 'designated (really))', { helo: 'x' }],
    ['fail (why) (and why) helo (of) = (the) x (client) ; (then) identity=mailfrom;', 'fail', 'why', { helo: 'x', identity: 'mailfrom' }],
    ['none', 'none', undefined, {}],
    ['none (no record)', 'none', 'no record', {}],
    ['pass (x) client-ip=2001:db8::1; mechanism=ip4:192.0.2.1', 'pass', 'x', { 'client-ip': '2001:db8::1', mechanism: 'ip4:192.0.2.1' }],
    ['pass problem="a \\"b\\" (c); d=e"; HELO="";', 'pass', undefined, { problem: 'a "b" (c); d=e', helo: '' }],
    ['pass helo="unended; client-ip=192.0.2.1', 'pass', undefined, { helo: '' }],
    ['pass __proto__=x; helo=y', 'pass', undefined, {}],
  ])('RFC 7208 §9.1, erratum 5436: %j', (body, status, comment, values) => {
    expect(parseReceivedSpf(body)).toEqual({ status, ...(comment !== undefined && { comment }), values });
  });
});

describe('formatReceivedSpf', () => {
  it('RFC 7208 §9.1: what a sender wrote cannot break the field', () => {
    const text = formatReceivedSpf({
      status: 'fail',
      comment: 'a) b\r\nX: y',
      values: { helo: 'x\r\nSubject: spoofed', mechanism: '-all' },
    });
    expect(text).toBe('Received-SPF: fail (a\\) b??X: y)\r\n helo="x??Subject: spoofed";\r\n mechanism=-all;\r\n');
  });

  it('parses to what it was made from', () => {
    const visible = fc.stringMatching(/^[ -~]{0,60}$/).map((text) => text.trim());
    fc.assert(
      fc.property(visible, visible, visible, (comment, helo, problem) => {
        const field = { status: 'permerror', comment, values: { helo, problem } } as const;
        expect(parseReceivedSpf(formatReceivedSpf(field).slice('Received-SPF:'.length))).toEqual(field);
      }),
    );
  });

  it('says what was checked', () => {
    const result = {
      status: 'pass',
      identity: 'mailfrom',
      domain: 'example.org',
      recordDomain: 'example.org',
      mechanism: 'mx',
      lookups: 1,
      authentic: false,
      ttlSeconds: 60,
      trace: [],
    } as const;
    const facts = { ip: '192.0.2.1', mailFrom: 'a@example.org', helo: 'mail.example.org', receiver: 'mx.example.net' };
    expect(formatReceivedSpf(receivedSpf(result, facts))).toBe(
      'Received-SPF: pass (mx.example.net: domain example.org designates 192.0.2.1 as permitted sender)\r\n receiver=mx.example.net;\r\n identity=mailfrom;\r\n client-ip=192.0.2.1;\r\n envelope-from="a@example.org";\r\n helo=mail.example.org;\r\n mechanism=mx;\r\n',
    );
  });
});
