import { type BodyStructureItem, type FetchItem, formatBodyStructure, formatDateTime, formatEnvelope } from '@mox/imap';
import type { FetchWriter } from '../fetch-writer.ts';
import { writeBodyStructure } from '../write-body-structure.ts';
import { writeEnvelope } from '../write-envelope.ts';

/** INTERNALDATE. */
export const internalDate: FetchWriter<FetchItem> = {
  name: 'INTERNALDATE',
  fields: ['received-at'],
  write: (_, { email }, __, out) => out.word(`INTERNALDATE ${formatDateTime(email?.receivedAt ?? 0)}`),
};

/** ENVELOPE. */
export const envelope: FetchWriter<FetchItem> = {
  name: 'ENVELOPE',
  fields: ['envelope'],
  write(_, { email }, { session }, out) {
    out.word('ENVELOPE ');
    if (email?.packedEnvelope) writeEnvelope(out, email.packedEnvelope, session.utf8);
    else out.text(email?.envelope ? formatEnvelope(email.envelope, session.utf8) : noEnvelope);
  },
};

const noEnvelope = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';

function structure(name: BodyStructureItem['name']): FetchWriter<BodyStructureItem> {
  const label = `${name} `;
  return {
    name,
    fields: ['structure'],
    write(_, { email }, { session }, out) {
      const options = { extended: name === 'BODYSTRUCTURE', utf8: session.utf8 };
      out.word(label);
      if (email?.packedPart) writeBodyStructure(out, email.packedPart, options);
      else out.text(email?.part ? formatBodyStructure(email.part, options) : 'NIL');
    },
  };
}

/** BODY without a section. */
export const body: FetchWriter<BodyStructureItem> = structure('BODY');
/** BODYSTRUCTURE. */
export const bodyStructure: FetchWriter<BodyStructureItem> = structure('BODYSTRUCTURE');
