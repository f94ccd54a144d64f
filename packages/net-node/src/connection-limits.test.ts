import { describe, expect, it } from 'vitest';
import { addressKey, ConnectionCounter } from './connection-limits.ts';

describe('addressKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('ConnectionCounter', () => {
  it('counts by address and in all', () => {
    const counter = new ConnectionCounter({ total: 3, perAddress: 2 });
    expect(counter.enter('2001:db8::1')).toBeUndefined();
    expect(counter.enter('2001:db8::2')).toBeUndefined();
    expect(counter.enter('2001:db8::3')).toBe('address');
    expect(counter.enter('192.0.2.1')).toBeUndefined();
    expect(counter.enter('192.0.2.2')).toBe('total');
    counter.leave('2001:db8::1');
    expect(counter.enter('2001:db8::3')).toBeUndefined();
    expect(counter.size).toBe(3);
  });
});
