import { formatNstring, type PreviewItem } from '@mox/imap';
import type { FetchWriter } from '../fetch-writer.ts';

/** PREVIEW: made when the message was stored, so that LAZY makes no difference (RFC 8970 §3). */
export const preview: FetchWriter<PreviewItem> = {
  name: 'PREVIEW',
  fields: ['preview'],
  write: (_, { email }, { session }, out) => out.text(`PREVIEW ${formatNstring(email?.preview, session.utf8)}`),
};
