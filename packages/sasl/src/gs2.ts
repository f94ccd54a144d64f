/** A GS2 header (RFC 5802 §7, RFC 7628 §3.1): what the client says of channel binding, and as whom to act. */
export interface Gs2Header {
  /** `n`: the client cannot bind; `y`: it could, but believes that the server cannot; `p`: it does, with `bindingType`. */
  readonly flag: 'n' | 'y' | 'p';
  readonly bindingType?: string;
  readonly authzid?: string;
  /** UTF-16 units that it takes up, both commas included. */
  readonly length: number;
}

/** Reads the header at the start of a text; undefined where there is none (RFC 5802 §7). */
export function parseGs2Header(text: string): Gs2Header | undefined {
  const first = text.indexOf(',');
  const second = first < 0 ? -1 : text.indexOf(',', first + 1);
  if (second < 0) return undefined;
  const flag = text.slice(0, first);
  const middle = text.slice(first + 1, second);
  const authzid = middle === '' ? undefined : parseAuthzid(middle);
  if (middle !== '' && authzid === undefined) return undefined;
  const rest = { ...(authzid === undefined ? {} : { authzid }), length: second + 1 };
  if (flag === 'n' || flag === 'y') return { flag, ...rest };
  if (!/^p=[A-Za-z0-9.-]+$/.test(flag)) return undefined;
  return { flag: 'p', bindingType: flag.slice(2), ...rest };
}

function parseAuthzid(text: string): string | undefined {
  return text.startsWith('a=') ? parseSaslName(text.slice(2)) : undefined;
}

/** Writes the header. */
export function formatGs2Header(header: Omit<Gs2Header, 'length'>): string {
  const flag = header.flag === 'p' ? `p=${header.bindingType ?? ''}` : header.flag;
  return `${flag},${header.authzid === undefined ? '' : `a=${formatSaslName(header.authzid)}`},`;
}

/** Reads a saslname, in which comma and equals sign are `=2C` and `=3D` (RFC 5802 §5.1); undefined where it is none. */
export function parseSaslName(text: string): string | undefined {
  if (text === '' || /=(?!2C|3D)|[\0,]/.test(text)) return undefined;
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

/** Writes a saslname (RFC 5802 §5.1). */
export function formatSaslName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}
