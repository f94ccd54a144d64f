export {
  type CheckHostInput,
  type CheckSpfInput,
  type CheckSpfResult,
  checkHost,
  checkSpf,
  type SpfResult,
} from './check-host.ts';
export type { SpfStatus } from './evaluation.ts';
export { expandMacroString, type Macro, type MacroLetter, type MacroString, parseDomainSpec, parseMacroString } from './macro.ts';
export { formatMechanism, type SpfMechanism, type SpfQualifierResult } from './mechanism.ts';
export type { SpfDeps, SpfLimits } from './queries.ts';
export { formatReceivedSpf, parseReceivedSpf, type ReceivedSpf, receivedSpf } from './received-spf.ts';
export { formatSpfRecord, isSpfRecord, parseSpfRecord, type SpfRecord } from './record.ts';
