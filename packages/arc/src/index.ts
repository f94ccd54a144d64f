export { type ArcFields, type ArcSeal, type ArcSet, type ArcStatus, mostArcSets } from './arc-set.ts';
export { ArcSealError, type ArcSealing, sealArc } from './seal.ts';
export { type ArcResult, ArcVerifier, type VerifyArcDeps, verifyArc } from './verify.ts';
