import { expect, it } from 'vitest';
import { readConfig } from './config/read-config.ts';
import { isWithin } from './message-checks.ts';

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['128.0.0.1', false],
  ['::2', false],
  ['fe80::1%eth0', false],
  ['nonsense', false],
])('unless told otherwise, mail from %s is exempt from checks: %s', (address, exempt) => {
  const result = readConfig('hostname: localhost\naccount: {name: mox@localhost, password: secret}\n');
  if (!result.ok) throw new Error('the least configuration cannot be read');
  expect(isWithin(result.config.authentication.exempt, address)).toBe(exempt);
});
