function identity(lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  bytes[0] = 1;
  return bytes;
}

/** The identity, y = 1, of the Edwards curves (RFC 8032 §5.1.2, §5.2.2): a key to try whether a platform has them. */
export const edwardsIdentity: { readonly [type in 'ed25519' | 'ed448']: Uint8Array } = { ed25519: identity(32), ed448: identity(57) };
