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
  type AddressList,
  type AddressListDefect,
  type AddressListDefectCode,
  type HeaderGroup,
  type HeaderMailbox,
  listMailboxes,
  mailboxAddress,
} from './address-list.ts';
export {
  type FormatAddressListOptions,
  formatAddressList,
  formatDisplayName,
  type GroupToFormat,
  type MailboxToFormat,
} from './format-address-list.ts';
export { type ParseAddressListOptions, parseAddressList, parseRawAddressList } from './parse-address-list.ts';
export {
  type ParseAddressOptions,
  type ParsePathOptions,
  parseAddress,
  parsePath,
  parseReversePath,
  readPath,
  readReversePath,
} from './path.ts';
