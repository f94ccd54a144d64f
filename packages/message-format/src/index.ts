export { type ContentDisposition, type ContentType, parseContentDisposition, parseContentType } from './content-type.ts';
export type { Defect } from './defect.ts';
export type { Envelope, EnvelopeAddress } from './envelope.ts';
export {
  decodeHeaderBytes,
  findField,
  findFields,
  findHeaderEnd,
  type HeaderField,
  parseHeaderFields,
  readHeaderSection,
  unfold,
} from './header-field.ts';
export { defaultStructureLimits, type StructureLimits } from './limits.ts';
export { findParameter } from './parameters.ts';
export type { MessageStructure, Parameter, Part } from './part.ts';
export { parseStructure, StructureParser } from './structure.ts';
