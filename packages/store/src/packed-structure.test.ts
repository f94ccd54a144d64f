import type { Envelope, EnvelopeAddress, Part } from '@mox/message-format';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packEnvelope, packPart, unpackEnvelope, unpackPart } from './packed-structure.ts';

const text = fc.string({ unit: 'binary', maxLength: 8 });
const nullable = fc.option(text, { nil: null });
const address: fc.Arbitrary<EnvelopeAddress> = fc.record({ name: nullable, route: nullable, mailbox: nullable, host: nullable });
const addresses = fc.option(fc.array(address, { maxLength: 3 }), { nil: null });
const envelope: fc.Arbitrary<Envelope> = fc
  .record({
    ...{ date: nullable, subject: nullable, from: addresses, sender: addresses, replyTo: addresses },
    ...{ to: addresses, cc: addresses, bcc: addresses, inReplyTo: nullable, messageId: nullable },
  })
  .chain((made) => fc.constantFrom(made, { ...made, sender: made.from, replyTo: made.from }));
const parameters = fc.array(fc.tuple(text, text), { maxLength: 3 });

const { part } = fc.letrec<{ part: Part }>((tie) => ({
  part: fc
    .record(
      {
        ...{ headerStart: fc.nat(), bodyStart: fc.nat(), bodyEnd: fc.nat(), bodyLines: fc.nat() },
        ...{ type: text, subtype: text, parameters, encoding: text, id: text, description: text, md5: text },
        ...{ disposition: fc.record({ type: text, parameters }), language: fc.array(text, { maxLength: 2 }), location: text },
        parts: fc.array(tie('part'), { maxLength: 2 }),
        message: fc.record({ envelope, part: tie('part') }),
      },
      { requiredKeys: ['headerStart', 'bodyStart', 'bodyEnd', 'bodyLines', 'type', 'subtype', 'parameters', 'encoding'] },
    )
    .map((made) => made as unknown as Part),
}));

it('unpacks an envelope as it was, also through JSON', () => {
  fc.assert(
    fc.property(envelope, (made) => {
      expect(unpackEnvelope(JSON.parse(JSON.stringify(packEnvelope(made))))).toEqual(made);
    }),
  );
});

it('unpacks a part as it was, also through JSON', () => {
  fc.assert(
    fc.property(part, (made) => {
      expect(unpackPart(JSON.parse(JSON.stringify(packPart(made))))).toEqual(made);
    }),
    { numRuns: 200 },
  );
});
