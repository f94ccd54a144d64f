export { type ArcFields, type ArcSeal, type ArcSet, type ArcStatus, mostArcSets } from './arc-set.ts';
export { ArcSealError, type ArcSealing, sealArc } from './seal.ts';
export { type ArcResult, ArcVerification, type VerifyArcDeps } from './verification.ts';
export { ArcVerifier, verifyArc } from './verify.ts';
