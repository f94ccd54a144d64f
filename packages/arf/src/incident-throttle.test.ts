import { describe, expect, it } from 'vitest';
import { IncidentThrottle } from './incident-throttle.ts';

const incident = { destination: 'abuse@example.net', kind: '192.0.2.1', now: 0 };

describe('IncidentThrottle', () => {
  it('RFC 6650 §7.5: each of the first ten, then every tenth, then every hundredth, and none goes uncounted', () => {
    const throttle = new IncidentThrottle({ mostReports: 1000 });
    const sent: (readonly [at: number, incidents: number])[] = [];
    for (let i = 1; i <= 1200; i++) {
      const incidents = throttle.count(incident);
      if (incidents !== undefined) sent.push([i, incidents]);
    }
    expect(sent.slice(0, 12)).toEqual([...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((i) => [i, 1]), [20, 10], [30, 10]]);
    expect(sent.slice(-3)).toEqual([
      [800, 100],
      [900, 100],
      [1000, 100],
    ]);
    expect(sent.reduce((sum, [, incidents]) => sum + incidents, 0)).toBe(1000);
  });

  it('RFC 6650 §7.5: after some quiet it begins anew', () => {
    const throttle = new IncidentThrottle({ quietMs: 1000 });
    for (let i = 0; i < 15; i++) throttle.count(incident);
    expect(throttle.count({ ...incident, now: 999 })).toBeUndefined();
    expect(throttle.count({ ...incident, now: 1999 })).toBe(1);
  });

  it('RFC 6650 §7.5: so many reports to one address, whatever they are about; what is not sent is told later', () => {
    const throttle = new IncidentThrottle({ mostReports: 3, windowMs: 1000 });
    const count = (kind: string, now: number, destination = 'a@example.net'): number | undefined =>
      throttle.count({ destination, kind, now });
    expect([count('1', 0), count('2', 0), count('3', 0), count('4', 0), count('1', 0)]).toEqual([1, 1, 1, undefined, undefined]);
    expect(count('1', 0, 'b@example.net')).toBe(1);
    expect(count('4', 1000)).toBe(2);
  });

  it('RFC 6650 §7.5: nothing goes where a report failed, for a while', () => {
    const throttle = new IncidentThrottle();
    throttle.postpone(incident.destination, 500);
    expect(throttle.count(incident)).toBeUndefined();
    expect(throttle.count({ ...incident, now: 499 })).toBeUndefined();
    expect(throttle.count({ ...incident, now: 500 })).toBe(3);
  });

  it('forgets the oldest, however many there are', () => {
    const throttle = new IncidentThrottle({ mostEntries: 2, mostReports: 10_000 });
    const count = (kind: string): number | undefined => throttle.count({ ...incident, kind });
    for (let i = 0; i < 12; i++) count('a');
    for (let i = 0; i < 1000; i++) count(`b${i}`);
    expect(count('a')).toBe(1);
  });
});
