import { toUtf8Strict } from '@mox/runtime';
import { type MtaStsPolicy, parseMtaStsPolicy } from './policy.ts';

/** The part of a Response that is used. The platform's own `fetch` fits, as does anything that acts like it. */
export interface PolicyResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/**
 * Fetches over HTTPS. It must check the certificate against trusted roots and the name of the host, must not follow
 * redirects and must not use a cache (RFC 8461 §3.3); it rejects where the connection or the certificate fails.
 */
export type PolicyFetch = (
  url: string,
  init: { readonly redirect: 'manual'; readonly cache: 'no-store'; readonly signal?: AbortSignal },
) => Promise<PolicyResponse>;

/** A policy that was fetched, or why there is none: the `problem` in words, the `result` as a TLS report calls it (RFC 8460 §4.3.2.2). */
export type FetchedPolicy =
  | { readonly ok: true; readonly policy: MtaStsPolicy; readonly text: string }
  | {
      readonly ok: false;
      readonly result: 'sts-policy-fetch-error' | 'sts-policy-invalid' | 'sts-webpki-invalid';
      readonly problem: string;
    };

/** Largest policy that is read (RFC 8461 §3.3). */
const mostPolicyBytes = 65_536;

async function readBody(body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(mostPolicyBytes);
  let length = 0;
  for await (const piece of body ?? []) {
    if (length + piece.length > mostPolicyBytes) return undefined;
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes.subarray(0, length);
}

/** Where the policy of a domain, given as A-labels, is (RFC 8461 §3.2). */
export function policyUrl(domain: string): string {
  return `https://mta-sts.${domain}/.well-known/mta-sts.txt`;
}

function isCertificateError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_SSL)/.test(code)) return true;
  return error instanceof Error && error.cause !== undefined && error.cause !== error && isCertificateError(error.cause);
}

/** Fetches the policy of a domain, given as A-labels (RFC 8461 §3.3). Rejects only for an abort by the signal; a suggested limit on the time is a minute. */
export async function fetchMtaStsPolicy(
  domain: string,
  deps: { readonly fetch: PolicyFetch; readonly signal?: AbortSignal },
): Promise<FetchedPolicy> {
  const failed = (result: Extract<FetchedPolicy, { ok: false }>['result'], problem: string): FetchedPolicy => ({
    ok: false,
    result,
    problem,
  });
  let bytes: Uint8Array | undefined;
  try {
    const response = await deps.fetch(policyUrl(domain), {
      redirect: 'manual',
      cache: 'no-store',
      ...(deps.signal && { signal: deps.signal }),
    });
    if (response.status !== 200) return failed('sts-policy-fetch-error', `the server answered ${response.status}, not 200`);
    const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (type !== 'text/plain') return failed('sts-policy-fetch-error', `the media type is ${type ?? 'missing'}, not text/plain`);
    bytes = await readBody(response.body);
  } catch (error) {
    deps.signal?.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    return failed(isCertificateError(error) ? 'sts-webpki-invalid' : 'sts-policy-fetch-error', message);
  }
  if (!bytes) return failed('sts-policy-invalid', `a policy of more than ${mostPolicyBytes} bytes`);
  const text = toUtf8Strict(bytes);
  if (text === undefined) return failed('sts-policy-invalid', 'the policy is not UTF-8');
  const parsed = parseMtaStsPolicy(text);
  return parsed.ok ? { ok: true, policy: parsed.value, text } : failed('sts-policy-invalid', parsed.error.message);
}
