import { fromUtf8, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { formatDate, parseDate } from './date.ts';

describe('parseDate', () => {
  it.each([
    ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06Z', -360],
    ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06Z', 0],
    [
      'Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)',
      '1969-02-14T03:02:00Z',
      -210,
    ],
    ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37Z', 120],
    ['Mon, 24 Nov 1997 14:22:01 EST', '1997-11-24T19:22:01Z', -300],
    ['24 Nov 49 14:22 PDT', '2049-11-24T21:22:00Z', -420],
    ['24 Nov 102 14:22 +0000', '2002-11-24T14:22:00Z', 0],
    ['Mon, 24 Nov 1997 14:22:01 X', '1997-11-24T14:22:01Z', 0],
    ['Mon, 24 Nov 1997 14:22:01 CEST', '1997-11-24T14:22:01Z', 0],
    ['31 Dec 2016 23:59:60 +0000', '2017-01-01T00:00:00Z', 0],
    // what is met with
    ['Mon Nov 24 14:22:01 1997', '1997-11-24T14:22:01Z', 0],
    ['Mon Nov 24 14:22:01 1997 -0500', '1997-11-24T19:22:01Z', -300],
    ['Mon Nov 24 14:22:01 EST 1997', '1997-11-24T19:22:01Z', -300],
    ['Monday, 24-Nov-97 14:22:01 GMT', '1997-11-24T14:22:01Z', 0],
    ['24-Nov-1997 14:22:01 +0100', '1997-11-24T13:22:01Z', 60],
    ['1997-11-24T14:22:01Z', '1997-11-24T14:22:01Z', 0],
    ['1997-11-24 14:22:01 +0100', '1997-11-24T13:22:01Z', 60],
    ['Mon, 24 November 1997 14:22:01 +01:00', '1997-11-24T13:22:01Z', 60],
    ['Mon, 24 Nov 1997 2:22:01 PM', '1997-11-24T14:22:01Z', 0],
    ['November 24, 1997 14:22', '1997-11-24T14:22:00Z', 0],
    ['Mon, 24 Nov 1997 14:22:01', '1997-11-24T14:22:01Z', 0],
    ['Mon, 24 Nov 1997 14:22:01 +9999', '1997-11-24T14:22:01Z', 0],
    ['Mon, 24 Nov 1997 14:22:01 GMT+0100', '1997-11-24T13:22:01Z', 60],
    ['Mon,24 Nov 1997 14.22.01 +0000', '1997-11-24T14:22:01Z', 0],
    ['11 Nov 11 11:11:11 +0000', '2011-11-11T11:11:11Z', 0],
    ['Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21T15:55:06Z', -360],
    ['Fri (day), 21 (x(y)) Nov 1997 09 (h) : 55 -0600 (zone)', '1997-11-21T15:55:00Z', -360],
    ['Mon, 24 Nov 1997 24:00:00 +0100', '1997-11-24T23:00:00Z', 60],
    ['1997-11-24T24:00Z', '1997-11-25T00:00:00Z', 0],
    ['1997-11-24T14:22:01 EST', '1997-11-24T19:22:01Z', -300],
    ['Mon, 24 Nov 1997 4:2:1 +0100', '1997-11-24T03:02:01Z', 60],
    ['Mon, 24 Nov 1997 14:22:01 0100', '1997-11-24T13:22:01Z', 60],
    ['Mon, 24 Nov 1997 14:22:01 + 0100', '1997-11-24T13:22:01Z', 60],
    ['Mon, 24 Nov 1997 14:22:01 +01', '1997-11-24T13:22:01Z', 60],
    ['Mon, 24 Nov 1997 14:22:01 -600', '1997-11-24T20:22:01Z', -360],
    ['Mon, 24 Nov 1997 14:22:01 UTC+2', '1997-11-24T12:22:01Z', 120],
    ['Mon, 24 Nov 1997 14:22:01.25 +0100', '1997-11-24T13:22:01Z', 60],
    ['Mon,\u00a024\u00a0Nov\u00a01997 14:22:01\u00a0+0100', '1997-11-24T13:22:01Z', 60],
    ['=?utf-8?q?Mon,_24_Nov_1997_14:22:01_+0100?=', '1997-11-24T13:22:01Z', 60],
    ['=?UTF-8?B?TW9uLCAyNCBOb3YgMTk5NyA=?= =?UTF-8?Q?14=3A22=3a01_+0100?=', '1997-11-24T13:22:01Z', 60],
    ['Mon, 24 Nov 1997 14:22:01 +0900 (=?iso-2022-jp?B?GyRCJUglKSUoKSgpGyhC?=)', '1997-11-24T05:22:01Z', 540],
    ['(=?shift_jis?Q?=93=8C=8B=9E?=) Mon, 24 Nov 1997 14:22:01 +0900', '1997-11-24T05:22:01Z', 540],
    ['Sunday, November 23, 1997 4:05 p.m.', '1997-11-23T16:05:00Z', 0],
    ['Tue, 24 Nov 1997 14:22:01 -0000', '1997-11-24T14:22:01Z', 0],
    ['24 Nov 1997', '1997-11-24T00:00:00Z', 0],
    ['1997-11-24', '1997-11-24T00:00:00Z', 0],
    ['11-Nov-11 11:11:11 +0000', '2011-11-11T11:11:11Z', 0],
  ])('RFC 5322 §3.3: reads %j', (text, instant, offsetMinutes) => {
    const date = parseDate(text);
    expect(date && new Date(date.instant).toISOString().replace('.000', '')).toBe(instant);
    expect(date?.offsetMinutes).toBe(offsetMinutes);
  });

  it.each([
    '',
    'now',
    '32 Nov 1997 10:00 +0000',
    '30 Feb 2000 10:00 +0000',
    '1 Foo 2000 10:00',
    '1 Jan 2000 25:00',
    '1 Jan 2000 24:01',
    'Jan 2000',
    '1 Jan',
    '12:00',
  ])('takes %j for no date', (text) => expect(parseDate(text)).toBeUndefined());

  it('reads what formatDate writes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2_000_000_000, max: 200_000_000_000 }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (seconds, offsetMinutes) => {
          const instant = seconds * 1000;
          expect(parseDate(formatDate(instant, offsetMinutes))).toEqual({ instant, offsetMinutes });
        },
      ),
    );
  });

  it('takes mutants', () => {
    const seeds = ['Fri, 21 Nov 1997 09:55:06 -0600', 'Mon Nov 24 14:22:01 EST 1997', '1997-11-24T14:22:01.5Z (((x)))'];
    for (const mutant of mutants(seeds.map(fromUtf8), { count: 3000 })) {
      const date = parseDate(toUtf8(mutant));
      if (date) expect(Number.isInteger(date.instant)).toBe(true);
    }
  });
});
