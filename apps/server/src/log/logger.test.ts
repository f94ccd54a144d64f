import { Secret } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerOptions } from './logger.ts';

function logged(options: Partial<LoggerOptions>, run: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  run(createLogger({ level: 'info', format: 'text', now: () => 0, write: (line) => (text += line), ...options }));
  return text;
}

describe('createLogger', () => {
  it('writes a readable line', () => {
    expect(logged({}, (log) => log.info('listening', { service: 'smtp', port: 1025, note: undefined, words: 'two words' }))).toBe(
      '1970-01-01T00:00:00.000Z info  listening service=smtp port=1025 words="two words"\n',
    );
  });

  it('writes JSON', () => {
    expect(JSON.parse(logged({ format: 'json' }, (log) => log.warn('oops', { error: new Error('bad'), count: 2n })))).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'warn',
      message: 'oops',
      error: 'bad',
      count: '2',
    });
  });

  it('lets nothing that a peer wrote break a line or reach the terminal', () => {
    expect(logged({}, (log) => log.info('x', { peer: 'a\r\nINFO fake \u001b[31m \u202e \u0085' }))).toBe(
      '1970-01-01T00:00:00.000Z info  x peer="a\\r\\nINFO fake \\u001b[31m \\u202e \\u0085"\n',
    );
  });

  it('drops what is below its level, and prints no secret', () => {
    expect(logged({ level: 'warn' }, (log) => log.info('x'))).toBe('');
    expect(logged({}, (log) => log.info('x', { password: new Secret('geheim') }))).not.toContain('geheim');
  });
});
