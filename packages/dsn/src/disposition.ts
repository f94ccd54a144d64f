import { withoutComments } from './comments.ts';

/** What a user agent did with a message (RFC 8098 §3.2.6). */
export interface Disposition {
  readonly actionMode: 'manual-action' | 'automatic-action';
  readonly sendingMode: 'MDN-sent-manually' | 'MDN-sent-automatically';
  /** `displayed`, `deleted`, `dispatched`, `processed`, in lower case; `denied` and `failed` of older senders. */
  readonly type: string;
  /** In lower case, e.g. `error`. What is not known means nothing (RFC 8098 §3.2.6.3). */
  readonly modifiers: readonly string[];
}

/** The defaults for the privacy of the user (RFC 8098 §3.2.6.1). */
const manual = { actionMode: 'manual-action', sendingMode: 'MDN-sent-manually' } as const;

function readModes(text: string): Partial<Pick<Disposition, 'actionMode' | 'sendingMode'>> {
  const [action, sending] = [/\b(manual|automatic)-action\b/i.exec(text)?.[1], /\bMDN-sent-(manual|automatical)ly\b/i.exec(text)?.[1]];
  return {
    ...(action !== undefined && { actionMode: action.toLowerCase() === 'manual' ? 'manual-action' : 'automatic-action' }),
    ...(sending !== undefined && { sendingMode: sending.toLowerCase() === 'manual' ? 'MDN-sent-manually' : 'MDN-sent-automatically' }),
  };
}

/** Disposition field, read; `complete` unless a mode is missing, which stands at its default then. */
export interface ParsedDisposition {
  readonly disposition: Disposition;
  readonly complete: boolean;
}

/** Reads the value of a Disposition field (RFC 8098 §3.2.6), with comments, in any case. Undefined where it names no type. */
export function parseDisposition(value: string): ParsedDisposition | undefined {
  const text = withoutComments(value);
  // Some write the type alone, or one of the modes.
  const semicolon = text.indexOf(';');
  const modes = readModes(text.slice(0, Math.max(0, semicolon)));
  const rest = text.slice(semicolon + 1);
  const slash = rest.indexOf('/');
  const type = (slash < 0 ? rest : rest.slice(0, slash)).trim().toLowerCase();
  if (!/^[a-z][a-z0-9-]*$/.test(type) || (semicolon < 0 && !/^(?:displayed|deleted|dispatched|processed|denied|failed)$/.test(type)))
    return undefined;
  const modifiers = slash < 0 ? [] : rest.slice(slash + 1).split(',');
  return {
    disposition: {
      ...manual,
      ...modes,
      type,
      modifiers: modifiers.map((modifier) => modifier.trim().toLowerCase()).filter((modifier) => modifier !== ''),
    },
    complete: modes.actionMode !== undefined && modes.sendingMode !== undefined,
  };
}

/** Writes the value of a Disposition field (RFC 8098 §3.2.6). */
export function formatDisposition({ actionMode, sendingMode, type, modifiers }: Disposition): string {
  return `${actionMode}/${sendingMode}; ${type}${modifiers.length > 0 ? `/${modifiers.join(',')}` : ''}`;
}
