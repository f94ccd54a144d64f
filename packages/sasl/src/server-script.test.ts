import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { plainServer } from './plain.ts';

const outOfTurn = expect.objectContaining({ code: 'out-of-turn' });
const message = fromUtf8('\0tim\0secret');

describe('turns of a server machine', () => {
  it('a machine that is over takes nothing more', () => {
    const server = plainServer.create({});
    server.step(message);
    server.answer({ type: 'accepted' });
    expect(() => server.step(message)).toThrow(outOfTurn);
    expect(() => server.answer({ type: 'accepted' })).toThrow(outOfTurn);
  });

  it('each question is answered in its own way', () => {
    const server = plainServer.create({});
    expect(() => server.answer({ type: 'accepted' })).toThrow(outOfTurn);
    server.step(undefined);
    expect(() => server.step(undefined)).toThrow(outOfTurn);
    server.step(message);
    expect(() => server.step(message)).toThrow(outOfTurn);
  });

  it('a response beyond the limit is not looked at, and ends the exchange', () => {
    const server = plainServer.create({ maxResponseBytes: 10 });
    expect(server.step(message)).toMatchObject({ type: 'failure', reason: 'malformed' });
    expect(() => server.step(message)).toThrow(outOfTurn);
  });
});
