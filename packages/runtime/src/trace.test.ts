import { describe, expect, it } from 'vitest';
import { formatTrace, type Trace } from './trace.ts';

describe('formatTrace', () => {
  it('prints a line a step, what is inside it indented below, DNS first', () => {
    const trace: Trace = [
      {
        step: 'check_host',
        rfc: 'RFC 7208 §4',
        inputs: { ip: '192.0.2.1', limit: 10, list: ['a', 1], nothing: null },
        outcome: 'pass',
        steps: [
          {
            step: 'mechanism include:a.example',
            outcome: 'match',
            detail: 'pass inside',
            dns: [
              { name: 'a.example', type: 'TXT', status: 'ok', authentic: true, answers: ['v=spf1 ip4:192.0.2.1 -all', 'other'] },
              { name: 'b.example', type: 'A', status: 'nxdomain', answers: [] },
            ],
          },
        ],
      },
      { step: 'second', outcome: 'none' },
    ];
    expect(formatTrace(trace).split('\n')).toEqual([
      'check_host (ip=192.0.2.1 limit=10 list=["a",1] nothing=null) -> pass  [RFC 7208 §4]',
      '  mechanism include:a.example -> match: pass inside',
      '    dns a.example TXT -> ok (dnssec): v=spf1 ip4:192.0.2.1 -all | other',
      '    dns b.example A -> nxdomain',
      'second -> none',
    ]);
    expect(formatTrace([])).toBe('');
  });

  it('lets nothing through that moves the cursor, changes colours or the direction of text', () => {
    const hostile = '\u001b[31m\r\n\u0007\u009b2J\u202e\u2066\u2028x';
    const text = formatTrace([
      {
        step: hostile,
        outcome: hostile,
        detail: hostile,
        inputs: { a: hostile, b: [hostile] },
        dns: [{ name: hostile, type: 'TXT', status: hostile, answers: [hostile] }],
      },
    ]);
    expect(text.split('\n')).toHaveLength(2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    expect(text).toContain('\\u001b[31m');
  });

  it('is plain data: it survives JSON', () => {
    const trace: Trace = [{ step: 'a', outcome: 'b', inputs: { n: 1 }, dns: [{ name: 'x', type: 'A', status: 'ok' }], steps: [] }];
    expect(formatTrace(JSON.parse(JSON.stringify(trace)))).toBe(formatTrace(trace));
  });
});
