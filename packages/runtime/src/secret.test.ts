import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.ts';

describe('a Secret', () => {
  const secret = new Secret('hunter2');

  it('reveals its value when asked', () => {
    expect(secret.reveal()).toBe('hunter2');
    expect(new Secret(Uint8Array.of(1)).reveal()).toEqual(Uint8Array.of(1));
  });

  it.each([
    ['concatenation', (): string => `${String(secret)} ${[secret].join(' ')}`],
    ['String()', (): string => String(secret)],
    ['JSON', (): string => JSON.stringify({ password: secret })],
    ["Node's inspect", (): string => inspect({ password: secret }, { depth: 9, showHidden: true })],
    ['an error message', (): string => new Error(['no login with', secret].join(' ')).message],
    ['own properties', (): string => `(secret)${JSON.stringify(Object.entries(secret))}`],
    ['a clone', (): string => `(secret)${JSON.stringify(structuredClone(secret))}`],
  ])('does not show in %s', (_, print) => {
    expect(print()).toContain('(secret)');
    expect(print()).not.toContain('hunter2');
  });
});
