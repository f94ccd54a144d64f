import type { FetchWriter } from '../fetch-writer.ts';
import { binary, binarySize } from './binary.ts';
import { bodySection } from './body-section.ts';
import { body, bodyStructure, envelope, internalDate } from './email-items.ts';
import { flags, modseq, size, uid } from './index-items.ts';
import { emailId, threadId } from './object-id.ts';
import { preview } from './preview.ts';
import { saveDate } from './save-date.ts';

/** How each FETCH item is answered: an extension's item is a row here. */
const writers: readonly FetchWriter[] = [
  flags,
  uid,
  size,
  modseq,
  internalDate,
  envelope,
  body,
  bodyStructure,
  bodySection,
  binary,
  binarySize,
  emailId,
  threadId,
  saveDate,
  preview,
];

const byName = new Map(writers.map((writer) => [writer.name, writer]));

/** The row of an item. */
export function writerFor(name: string): FetchWriter | undefined {
  return byName.get(name);
}
