import { FieldNames, type SectionBytes, selectFields } from '@mox/message-format';
import { concatBytes, fromUtf8 } from '@mox/runtime';

/**
 * How the names begin of fields that servers write for each other and that no client lists messages by: half of a header section and
 * more. Who changes this list adds a step to the schema that has the fields of all emails read anew.
 */
const leftOut = new FieldNames(
  [
    ...['received', 'x-received', 'return-path', 'authentication-results', 'arc-', 'dkim-signature', 'x-google-', 'x-gm-', 'x-ms-'],
    ...['x-microsoft-', 'x-forefront-', 'x-exchange-', 'x-amz-', 'x-ses-', 'x-spam-report'],
  ],
  { beginnings: true },
);

/** Fields longer than this together are left with the message. */
const keptBytes = 16_384;

/** Whether fields of a name are among those of `Email.keptFields`. */
export function isKeptField(name: string): boolean {
  const bytes = fromUtf8(name);
  return !leftOut.match(bytes, 0, bytes.length);
}

/** Fields as they are kept beside a message. */
export interface FieldsToKeep {
  readonly bytes: Uint8Array;
  /** Whether all is ASCII without NUL and nothing looks like an encoded word: then a search may look at the bytes as they are. */
  readonly plain: boolean;
}

function isPlain(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0 || byte > 0x7e || (byte === 0x3f && bytes[i - 1] === 0x3d)) return false;
  }
  return true;
}

/** The fields of a header section that are kept beside the message, as they stood, with the empty line. Undefined where they are too many. */
export function keepFields(section: SectionBytes): FieldsToKeep | undefined {
  const places = selectFields(section, (bytes, start, end) => !leftOut.match(bytes, start, end));
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let i = 0; i < places.length; i += 2) {
    const piece = section.bytes.subarray(places[i], places[i + 1]);
    pieces.push(piece);
    sizeBytes += piece.length;
  }
  if (sizeBytes === 0 || sizeBytes > keptBytes) return undefined;
  const bytes = concatBytes(pieces);
  return { bytes, plain: isPlain(bytes) };
}
