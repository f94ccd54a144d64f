export {
  type Address,
  type AddressLiteral,
  addressLiteralIp,
  canonicalAddress,
  canonicalLocalpart,
  equalAddresses,
  type FormatAddressOptions,
  formatAddress,
  formatAddressDomain,
  formatLocalpart,
  isAddressLiteral,
  type LocalpartRules,
  needsSmtputf8,
} from './address.ts';
export {
  type ParseAddressOptions,
  type ParsePathOptions,
  parseAddress,
  parsePath,
  parseReversePath,
  readPath,
  readReversePath,
} from './path.ts';
