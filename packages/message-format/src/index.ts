export type { Defect } from './defect.ts';
export type { Envelope, EnvelopeAddress } from './envelope.ts';
export type { MessageStructure, Parameter, Part } from './part.ts';
