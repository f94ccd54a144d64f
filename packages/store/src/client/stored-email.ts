import type { Envelope, Part, SectionBytes } from '@mox/message-format';
import type { Decision } from '../decision.ts';
import type { Email } from '../message.ts';
import { type PackedText, parsePacked } from '../packed-reader.ts';
import { type PackedEnvelope, type PackedPart, unpackEnvelope, unpackPart } from '../packed-structure.ts';

/** An email whose envelope and part become objects when they are first asked for: most answers are written without them. */
export class StoredEmail implements Email {
  readonly uid: number;
  readonly emailId: string;
  readonly blobId: string;
  readonly sizeBytes: number;
  declare threadId?: string;
  declare receivedAt?: number;
  declare savedAt?: number;
  declare preview?: string;
  declare decision?: Decision;
  declare keptFields?: SectionBytes;
  declare packedEnvelope?: PackedText;
  declare packedPart?: PackedText;
  #envelope: Envelope | undefined;
  #part: Part | undefined;

  constructor(uid: number, number: number, sizeBytes: number) {
    this.uid = uid;
    this.emailId = `E${number}`;
    this.blobId = `B${number}`;
    this.sizeBytes = sizeBytes;
  }

  get envelope(): Envelope | undefined {
    if (this.packedEnvelope) this.#envelope ??= unpackEnvelope(parsePacked(this.packedEnvelope) as PackedEnvelope);
    return this.#envelope;
  }

  get part(): Part | undefined {
    if (this.packedPart) this.#part ??= unpackPart(parsePacked(this.packedPart) as PackedPart);
    return this.#part;
  }
}
