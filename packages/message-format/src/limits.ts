/** Bounds on what one message may make the parser keep. Beyond a bound the rest is opaque and there is a defect, never an error. */
export interface StructureLimits {
  /** Parts of the whole message. Default 10,000. */
  readonly parts?: number;
  /** Multiparts and messages inside each other. Default 100. */
  readonly depth?: number;
  /** Bytes of all header sections together that are interpreted. Default 4 MiB. */
  readonly headerBytes?: number;
  /** Fields of one header section that are interpreted. Default 10,000. */
  readonly headerFields?: number;
  /** Parameters of one Content-Type or Content-Disposition. Default 200. */
  readonly parameters?: number;
  /** Addresses of one member of an envelope. Default 10,000. */
  readonly addresses?: number;
  /** Defects that are listed. Default 100. */
  readonly defects?: number;
}

/** The bounds that hold where nothing else is asked for. */
export const defaultStructureLimits: Required<StructureLimits> = {
  parts: 10_000,
  depth: 100,
  headerBytes: 4 * 1024 * 1024,
  headerFields: 10_000,
  parameters: 200,
  addresses: 10_000,
  defects: 100,
};
