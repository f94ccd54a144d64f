/** Something in a message that the RFCs do not allow, and that the parser coped with. */
export interface Defect {
  /** What it is, e.g. `missing-closing-boundary`. */
  readonly code: string;
  /** Where it is: bytes from the start of the message. */
  readonly offset: number;
  /** The rule that is broken, e.g. `RFC 2046 §5.1.1`. */
  readonly rfc: string;
}
