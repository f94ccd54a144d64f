export { isPublicSuffix, organizationalDomain, type PublicSuffixOptions, publicSuffix } from './public-suffix.ts';
