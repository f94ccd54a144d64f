import { type BodyStructureItem, type FetchItem, formatBodyStructure, formatDateTime, formatEnvelope } from '@mox/imap';
import type { FetchWriter } from '../fetch-writer.ts';

/** INTERNALDATE. */
export const internalDate: FetchWriter<FetchItem> = {
  name: 'INTERNALDATE',
  fields: ['received-at'],
  format: (_, { email }) => `INTERNALDATE ${formatDateTime(email?.receivedAt ?? 0)}`,
};

/** ENVELOPE. */
export const envelope: FetchWriter<FetchItem> = {
  name: 'ENVELOPE',
  fields: ['envelope'],
  format: (_, { email }, { session }) => `ENVELOPE ${email?.envelope ? formatEnvelope(email.envelope, session.utf8) : noEnvelope}`,
};

const noEnvelope = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';

function structure(name: BodyStructureItem['name']): FetchWriter<BodyStructureItem> {
  return {
    name,
    fields: ['structure'],
    format(_, { email }, { session }) {
      const extended = name === 'BODYSTRUCTURE';
      return `${name} ${email?.part ? formatBodyStructure(email.part, { extended, utf8: session.utf8 }) : 'NIL'}`;
    },
  };
}

/** BODY without a section. */
export const body: FetchWriter<BodyStructureItem> = structure('BODY');
/** BODYSTRUCTURE. */
export const bodyStructure: FetchWriter<BodyStructureItem> = structure('BODYSTRUCTURE');
