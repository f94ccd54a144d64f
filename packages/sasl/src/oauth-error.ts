import { toUtf8Strict } from '@mox/runtime';
import type { OauthError } from './lookup.ts';

/** Larger error results are not looked at. */
const mostBytes = 16_384;

/** A member of the result that is a text without controls; numbers too, as XOAUTH2 has been seen with `"status": 400`. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && !/[\u0000-\u001f\u007f]/.test(value) ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse((bytes.length <= mostBytes ? toUtf8Strict(bytes) : undefined) ?? 'null');
  } catch {
    return undefined;
  }
}

/**
 * Reads the error result of OAUTHBEARER and XOAUTH2 (RFC 7628 §3.2.2): why a token will not do, and which would. Undefined where it is none.
 * A configuration elsewhere than at an `https:` URL is left out: tokens asked for by it would be anybody's. It is the server's word about
 * one user: do not keep it for others.
 */
export function parseOauthError(bytes: Uint8Array): OauthError | undefined {
  const result = parseJson(bytes);
  if (!isRecord(result)) return undefined;
  const [status, scope, configuration] = ['status', 'scope', 'openid-configuration'].map((member) => text(result[member]));
  return {
    ...(status === undefined ? {} : { status }),
    ...(scope === undefined ? {} : { scope }),
    ...(configuration !== undefined && /^https:\/\/[^\s/]/i.test(configuration) ? { openidConfiguration: configuration } : {}),
  };
}
