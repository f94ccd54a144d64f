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

/** What node:tls and OpenSSL call a certificate that is not valid, or not for the host. */
const certificateCodes =
  /^(?:CERT_|CRL_|ERR_TLS_CERT|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERROR_IN_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)/;

/** Whether a failure, or what caused it, is one of the certificate: errors of `fetch` have it some layers below. */
function isCertificateError(error: unknown, layers: number = 5): boolean {
  if (!(error instanceof Error) || layers === 0) return false;
  if ('code' in error && certificateCodes.test(String(error.code))) return true;
  const inner = error instanceof AggregateError ? error.errors.slice(0, 5) : [error.cause];
  return inner.some((one) => isCertificateError(one, layers - 1));
}

function describeError(error: unknown, layers: number = 5): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && layers > 0 ? `${error.message}: ${describeError(error.cause, layers - 1)}` : error.message;
}

/** A body that is not read would keep its connection. */
async function discard(body: AsyncIterable<Uint8Array> | null): Promise<void> {
  await body?.[Symbol.asyncIterator]().return?.();
}

/** Whether the caller gave up, other than by a limit on the time, which is a fault of the policy host. */
function isAbort(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && !(signal.reason instanceof Error && signal.reason.name === 'TimeoutError');
}

type FetchFailure = Extract<FetchedPolicy, { ok: false }>;

function makeFailure(result: FetchFailure['result'], problem: string): FetchFailure {
  return { ok: false, result, problem };
}

async function fetchText(domain: string, deps: FetchPolicyDeps): Promise<{ readonly ok: true; readonly text: string } | FetchFailure> {
  const init = { redirect: 'manual', cache: 'no-store', ...(deps.signal && { signal: deps.signal }) } as const;
  const { status, headers, body } = await deps.fetch(policyUrl(domain), init);
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (status !== 200 || type !== 'text/plain') {
    await discard(body);
    const what = status !== 200 ? `the server answered ${status}, not 200` : `the media type is ${type ?? 'missing'}, not text/plain`;
    return makeFailure('sts-policy-fetch-error', what);
  }
  const bytes = await readBody(body);
  if (!bytes) return makeFailure('sts-policy-invalid', `a policy of more than ${mostPolicyBytes} bytes`);
  const text = toUtf8Strict(bytes);
  return text === undefined ? makeFailure('sts-policy-invalid', 'the policy is not UTF-8') : { ok: true, text };
}

/** What fetching needs. */
export interface FetchPolicyDeps {
  readonly fetch: PolicyFetch;
  /** A limit on the time, as of `AbortSignal.timeout`, is a failed fetch; any other abort is an exception. */
  readonly signal?: AbortSignal;
}

/**
 * Fetches the policy of a domain, given as A-labels (RFC 8461 §3.3). Whatever fails is told, the time running out among it: a minute
 * is suggested. Rejects with the reason of a signal that is aborted for another reason.
 */
export async function fetchMtaStsPolicy(domain: string, deps: FetchPolicyDeps): Promise<FetchedPolicy> {
  let fetched: Awaited<ReturnType<typeof fetchText>>;
  try {
    fetched = await fetchText(domain, deps);
  } catch (error) {
    if (isAbort(deps.signal)) throw deps.signal?.reason;
    return makeFailure(isCertificateError(error) ? 'sts-webpki-invalid' : 'sts-policy-fetch-error', describeError(error));
  }
  if (!fetched.ok) return fetched;
  const { text } = fetched;
  const parsed = parseMtaStsPolicy(text);
  return parsed.ok ? { ok: true, policy: parsed.value, text } : makeFailure('sts-policy-invalid', parsed.error.message);
}
