export {
  type CheckHostInput,
  type CheckSpfInput,
  type CheckSpfResult,
  checkHost,
  checkSpf,
  type SpfDeps,
  type SpfLimits,
  type SpfResult,
  type SpfStatus,
} from './check-host.ts';
export { expandMacroString, type Macro, type MacroLetter, type MacroString, parseDomainSpec, parseMacroString } from './macro.ts';
export { formatReceivedSpf, parseReceivedSpf, type ReceivedSpf, receivedSpf } from './received-spf.ts';
export {
  formatMechanism,
  formatSpfRecord,
  isSpfRecord,
  parseSpfRecord,
  type SpfMechanism,
  type SpfQualifierResult,
  type SpfRecord,
} from './record.ts';
