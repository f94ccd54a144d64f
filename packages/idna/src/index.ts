export { type Domain, type DomainOptions, equalDomains, formatDomain, parseDomain } from './domain.ts';
export { decodePunycode, encodePunycode } from './punycode.ts';
export { toAscii, toUnicode, type Uts46Options } from './uts46.ts';
