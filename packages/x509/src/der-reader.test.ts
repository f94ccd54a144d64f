import { describe, expect, it } from 'vitest';
import { DerReader, decodeString, derTags } from './der-reader.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const read = <T>(text: string, take: (reader: DerReader) => T): { value: T; fault: string | undefined } => {
  const reader = new DerReader(hex(text));
  const value = take(reader);
  return { value, fault: reader.fault?.message };
};

describe('DerReader', () => {
  it.each([
    ['0603551d11', '2.5.29.17'],
    ['06092a864886f70d01010b', '1.2.840.113549.1.1.11'],
    ['0603883703', '2.999.3'],
  ])('the object identifier %s is %s', (bytes, oid) => {
    expect(read(bytes, (reader) => reader.objectIdentifier('one'))).toEqual({ value: oid, fault: undefined });
  });

  it.each(['0600', '060186', '06028081', '0604ffffffff', '060bffffffffffffffffffff01', '0403551d11'])(
    '%s is no object identifier',
    (bytes) => {
      expect(read(bytes, (reader) => reader.objectIdentifier('one')).fault).toBeDefined();
    },
  );

  it.each([
    ['170d3236303130323033303430355a', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['170d3439313233313233353935395a', Date.UTC(2049, 11, 31, 23, 59, 59)],
    ['170d3530303130313030303030305a', Date.UTC(1950, 0, 1)],
    ['180f32303530303130313030303030305a', Date.UTC(2050, 0, 1)],
  ])('RFC 5280 §4.1.2.5: the time %s', (bytes, time) => {
    expect(read(bytes, (reader) => reader.time('a time'))).toEqual({ value: time, fault: undefined });
  });

  it.each(['170b323630313032303330345a', '170d3236313330323033303430355a', '17113236303130323033303430352b30313030', '0400'])(
    'RFC 5280 §4.1.2.5: %s is no time in UTC',
    (bytes) => {
      expect(read(bytes, (reader) => reader.time('a time')).fault).toBeDefined();
    },
  );

  it.each(['', '04', '0402ff', '048000', '04810100', '0482000100', '0484000000010000', '0485000000000100', '1f8101', '04ff'])(
    '%s is no DER',
    (bytes) => {
      expect(read(bytes, (reader) => reader.any()).fault).toBeDefined();
    },
  );

  it('small integers, named bits, booleans', () => {
    expect(read('020101', (reader) => reader.smallInteger('one')).value).toBe(1);
    expect(read('0201ff', (reader) => reader.smallInteger('one')).fault).toBeDefined();
    expect(read('02050100000000', (reader) => reader.smallInteger('one')).fault).toBeDefined();
    expect(read('030205a0', (reader) => reader.namedBits('bits')).value).toEqual([0, 2]);
    expect(read('0303070080', (reader) => reader.namedBits('bits')).value).toEqual([8]);
    expect(read('0101ff', (reader) => reader.optionalBoolean()).value).toBe(true);
    expect(read('010100', (reader) => reader.optionalBoolean()).value).toBe(false);
    expect(read('020101', (reader) => reader.optionalBoolean()).value).toBe(false);
    expect(read('030201fe', (reader) => reader.bitString('bits')).fault).toBeDefined();
  });

  it('the first fault is kept, at its place, and ends reading', () => {
    const reader = new DerReader(hex('30060201010401ff'));
    const inside = reader.sequence('a sequence');
    inside.smallInteger('one');
    inside.smallInteger('two');
    expect(reader.fault).toEqual({ offset: 5, message: 'two was expected' });
    expect(inside.done && inside.rest().length === 0 && reader.peek() === -1).toBe(true);
  });

  it.each([
    [derTags.utf8String, '55cc88', 'Ü'.normalize('NFD')],
    [derTags.utf8String, 'ff', undefined],
    [derTags.teletexString, 'dc', 'Ü'],
    [derTags.bmpString, '00dc', 'Ü'],
    [derTags.bmpString, '00', undefined],
    [derTags.universalString, '0001f600', '\u{1f600}'],
    [derTags.universalString, '00ffffff', undefined],
    [derTags.integer, '01', undefined],
  ])('RFC 5280 §4.1.2.4: a string of tag %i', (tag, bytes, text) => {
    expect(decodeString(tag, hex(bytes))).toBe(text);
  });
});
