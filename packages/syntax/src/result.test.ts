import { expect, it } from 'vitest';
import { ok, parseError, type Result, unwrap } from './result.ts';

it('a success carries its value, a failure its place and reason', () => {
  expect(ok(1)).toEqual({ ok: true, value: 1 });
  expect(parseError(3, 'a comma was expected')).toEqual({ ok: false, error: { offset: 3, message: 'a comma was expected' } });
});

it('unwrap gives the value of a success and throws the reason of a failure', () => {
  const good: Result<string> = ok('x');
  expect(unwrap(good)).toBe('x');
  expect(() => unwrap(parseError(0, 'an atom was expected'))).toThrow(new TypeError('an atom was expected'));
});
