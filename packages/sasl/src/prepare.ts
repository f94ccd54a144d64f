import { saslprep } from '@mox/idna';

/**
 * Prepares a name or a password as the mechanisms ask for, by SASLprep (RFC 4013 §2). Undefined where it has a prohibited character,
 * or nothing is left of it (RFC 4616 §2).
 *
 * deviates RFC 4013 §2.5: strings to be stored are prepared as queries too, so that characters younger than Unicode 3.2, such as
 * emoji, can be in a password.
 */
export function prepare(text: string): string | undefined {
  const prepared = saslprep(text, { allowUnassigned: true });
  return prepared.ok && prepared.value !== '' ? prepared.value : undefined;
}
