import { describe, expect, it } from 'vitest';
import { newConfigText } from './new-config.ts';
import { readConfig } from './read-config.ts';

const least = 'hostname: localhost\naccount: {name: mox@localhost, password: secret}\n';

describe('readConfig', () => {
  it('fills in what is left out', () => {
    const result = readConfig(least);
    expect(result).toMatchObject({
      ok: true,
      config: {
        portOffset: 1000,
        addresses: ['127.0.0.1', '::1'],
        services: { smtp: { enabled: true } },
        timeouts: { smtpSeconds: 300 },
        authentication: { dmarc: 'reject' },
      },
    });
  });

  it('reads what a first run writes', () => {
    const result = readConfig(newConfigText({ password: 'a "b" \\c: #d', portOffset: 2000 }));
    expect(result).toMatchObject({ ok: true, config: { portOffset: 2000, account: { name: 'mox@localhost', password: 'a "b" \\c: #d' } } });
  });

  it.each([
    [
      'an unknown setting',
      `${least}portOfset: 1\n`,
      { line: 3, column: 1, message: 'unknown setting: portOfset', remedy: 'did you mean portOffset?' },
    ],
    ['one inside another', `${least}limits:\n  recipiants: 5\n`, { line: 4, column: 3, remedy: 'did you mean recipients?' }],
    ['a missing setting', 'hostname: a\naccount:\n  name: x\n', { line: 3, column: 3, message: 'missing setting: account.password' }],
    [
      'a wrong type',
      `${least}services:\n  smtp:\n    port: many\n`,
      { line: 5, column: 11, message: expect.stringContaining('expected number') },
    ],
    ['out of bounds', `${least}portOffset: 70000\n`, { line: 3, column: 13, message: expect.stringContaining('64000') }],
    [
      'no network',
      `${least}authentication:\n  exempt: ["10.0.0.0/8", "10.0.0.0/40"]\n`,
      { line: 4, column: 26, message: 'authentication.exempt.1: not an IP address or a network such as 192.0.2.0/24 or 2001:db8::/32' },
    ],
    ['no resolver', `${least}dns: {resolvers: ["one.one"]}\n`, { line: 3, column: 19, message: expect.stringContaining('[::1]:5353') }],
    ['not YAML', `${least}a: [1\n`, { message: expect.stringContaining('not YAML') }],
    ['an empty file', '', { line: 1, column: 1 }],
  ])('%s: says where, what and what to do', (_, text, problem) => {
    const result = readConfig(text);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.problems[0]).toMatchObject(problem);
  });
});
