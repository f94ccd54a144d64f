import type { DnsListResult } from './check-list.ts';

/** A result of the method `dnswl` as Authentication-Results has it (RFC 8904 §2). */
export interface DnswlAuthentication {
  readonly method: 'dnswl';
  readonly result: 'pass' | 'none' | 'temperror' | 'permerror';
  readonly reason?: string;
  readonly properties: readonly { readonly type: string; readonly property: string; readonly value: string }[];
}

const results = { listed: 'pass', 'not-listed': 'none', temperror: 'temperror', permerror: 'permerror' } as const;

const securityWords = { secure: 'yes', insecure: 'no', indeterminate: 'na', bogus: 'na' } as const;

/** The result of a list of the good as a method of authentication (RFC 8904 §2); there is no `fail`. */
export function dnswlAuthentication(result: DnsListResult): DnswlAuthentication {
  const failed = result.status === 'temperror' || result.status === 'permerror';
  const property = (type: string, name: string, value: string): { type: string; property: string; value: string } => ({
    type,
    property: name,
    value,
  });
  return {
    method: 'dnswl',
    result: results[result.status],
    ...(failed && result.problem !== undefined && { reason: result.problem }),
    properties: [
      property('dns', 'zone', result.zone),
      ...(result.status === 'listed' ? [property('policy', 'ip', result.values.join(','))] : []),
      // RFC 8904 §2: several TXT records are put together with nothing between them.
      ...(result.status === 'listed' && result.reasons.length > 0 ? [property('policy', 'txt', result.reasons.join(''))] : []),
      ...(failed ? [] : [property('dns', 'sec', securityWords[result.security])]),
    ],
  };
}
