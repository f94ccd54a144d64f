export { type Domain, type DomainOptions, equalDomains, formatDomain, parseDomain } from './domain.ts';
export { findIdna2008Fault, isIdna2008Valid } from './idna2008.ts';
export {
  comparePrecis,
  enforcePrecis,
  nickname,
  opaqueString,
  type PrecisProfile,
  usernameCaseMapped,
  usernameCasePreserved,
} from './precis.ts';
export { decodePunycode, encodePunycode } from './punycode.ts';
export { type SaslprepOptions, saslprep } from './saslprep.ts';
export { toAscii, toUnicode, type Uts46Options } from './uts46.ts';
