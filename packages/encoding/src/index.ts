export { decodeBase16, encodeBase16 } from './base16.ts';
export { type Base32Options, decodeBase32, encodeBase32 } from './base32.ts';
export {
  Base64Encoder,
  type Base64Options,
  type DecodeBase64Options,
  decodeBase64,
  encodeBase64,
  encodeBase64Bytes,
} from './base64.ts';
export { Base64Decoder, decodeBase64Lenient, readBase64 } from './base64-decoder.ts';
export { CharsetDecoder, type CharsetProblem, canDecode, type DecodedText, decodeCharset } from './charset.ts';
export { type EncodedText, encodeCharset } from './charset-encoder.ts';
export { type CompressionFormat, compress, type DecompressLimits, decompress } from './compression.ts';
export { decodeEncodedWords, type EncodeWordsOptions, encodeWords } from './encoded-word.ts';
export type { DecodedBytes, EncodingProblem } from './encoding-problem.ts';
export { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';
export {
  decodeParameters,
  type EncodeParameterOptions,
  encodeParameter,
  joinParameterSections,
  type RawParameter,
} from './parameter-value.ts';
export { type DecodeQuotedPrintableOptions, decodeQuotedPrintable, QuotedPrintableDecoder } from './quoted-printable.ts';
export { encodeQuotedPrintable, QuotedPrintableEncoder, type QuotedPrintableOptions } from './quoted-printable-encoder.ts';
export { decodeUuencode, readUuencode, UuencodeDecoder } from './uuencode.ts';
