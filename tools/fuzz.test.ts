import { describe, expect, it } from 'vitest';
import { mutants, randomNumbers } from './fuzz.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('mutants', () => {
  const inputs = ['MAIL FROM:<a@example.org>', new Uint8Array([0, 1, 2, 255])];

  it('are the same for the same seed, others for another', () => {
    const take = (seed: number): string[] => [...mutants(inputs, { count: 50, seed })].map(text);
    expect(take(1)).toEqual(take(1));
    expect(take(1)).not.toEqual(take(2));
  });

  it('are as many as asked for, mostly changed, and leave the inputs alone', () => {
    const all = [...mutants(inputs, { count: 300 })];
    expect(all).toHaveLength(300);
    expect(all.filter((one) => text(one) !== inputs[0] && text(one) !== '\0\x01\x02\xff').length).toBeGreaterThan(250);
    expect(inputs[1]).toEqual(new Uint8Array([0, 1, 2, 255]));
  });

  it('hold the tokens they were given', () => {
    expect([...mutants(['x'], { count: 200, tokens: ['TOKEN'] })].some((one) => text(one).includes('TOKEN'))).toBe(true);
  });

  it('can be made of nothing', () => {
    expect([...mutants([''], { count: 5 })].every((one) => one.length === 0)).toBe(true);
  });
});

it('random numbers lie in [0, 1) and are spread', () => {
  const next = randomNumbers(7);
  const numbers = Array.from({ length: 10_000 }, next);
  expect(numbers.every((one) => one >= 0 && one < 1)).toBe(true);
  const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  expect(mean).toBeGreaterThan(0.48);
  expect(mean).toBeLessThan(0.52);
});
