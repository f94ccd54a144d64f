/** What can go wrong with the network of this machine, or with reaching another. */
export type NetErrorCode =
  /** Another program listens there. */
  | 'address-in-use'
  /** This machine has no such address. */
  | 'address-not-available'
  /** This user may not listen there, e.g. below port 1024. */
  | 'permission-denied'
  /** The other side could not be reached in time, or closed before it was time. */
  | 'unreachable'
  | 'tls-failed'
  | 'io';

const codes: Readonly<Record<string, NetErrorCode>> = {
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-available',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ECONNRESET: 'unreachable',
  ENOTFOUND: 'unreachable',
};

/** A fault of the network: a port that cannot be listened on, a host that cannot be reached. */
export class NetError extends Error {
  override readonly name: string = 'NetError';
  readonly code: NetErrorCode;

  constructor(code: NetErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The `NetError` for an error of Node's `net` and `tls`, `doing` saying in words what failed. */
export function netErrorFrom(error: unknown, doing: string): NetError {
  if (error instanceof NetError) return error;
  const systemCode = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  return new NetError(codes[systemCode] ?? 'io', `${doing}: ${reason}`, { cause: error });
}
