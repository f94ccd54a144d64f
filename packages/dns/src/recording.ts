import { fromBase64, toBase64 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';
import type { RecordType } from './record.ts';
import { isRecordType } from './record-type.ts';
import type { DnsAnswer } from './resolver.ts';

/** A question with its answer: plain data, which `formatRecording` writes as text. */
export interface RecordedAnswer {
  readonly name: string;
  readonly type: RecordType;
  readonly answer: DnsAnswer;
}

/** The one key of an object that stands for bytes: JSON has none of its own. */
const bytesKey = 'base64';

/** Writes a recording as JSON text, a line for each answer, bytes as `{"base64": ...}`. */
export function formatRecording(recorded: readonly RecordedAnswer[]): string {
  const lines = recorded.map((entry) =>
    JSON.stringify(entry, (_, value: unknown) => (value instanceof Uint8Array ? { [bytesKey]: toBase64(value) } : value)),
  );
  return `[\n${lines.join(',\n')}\n]\n`;
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(bytesKey in value)) return value;
  return typeof value.base64 === 'string' ? (fromBase64(value.base64) ?? value) : value;
}

function isRecordedAnswer(value: unknown): value is RecordedAnswer {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('type' in value) || !('answer' in value)) return false;
  const { name, type, answer } = value;
  if (typeof name !== 'string' || typeof type !== 'string' || !isRecordType(type)) return false;
  if (typeof answer !== 'object' || answer === null || !('records' in answer)) return false;
  return 'status' in answer && 'security' in answer && Array.isArray(answer.records);
}

/** Reads a recording as `formatRecording` writes it. The data of records are taken on trust. */
export function parseRecording(text: string): Result<readonly RecordedAnswer[]> {
  let value: unknown;
  try {
    value = JSON.parse(text, revive);
  } catch {
    return parseError(0, 'JSON expected');
  }
  if (!Array.isArray(value) || !value.every(isRecordedAnswer)) return parseError(0, 'an array of questions with their answers expected');
  return ok(value);
}
