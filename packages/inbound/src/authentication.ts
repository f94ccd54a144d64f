// Who a message is from, asked while its content comes in.
import { type Address, formatAddress } from '@mox/address';
import { findArcOverride, MessageAuthenticator, makeAuthenticationResults } from '@mox/message-authentication';
import { type AuthenticationResults, formatAuthenticationResults, writeField } from '@mox/message-format';
import { DeadlineResolver } from './deadline-resolver.ts';
import type { AuthenticationEvidence, SessionEvidence } from './evidence.ts';
import type { InboundAuthentication, InboundContext } from './options.ts';

/** How long the checks of one message may ask the DNS, from the start of its content on. */
const defaultLimitSeconds = 60;

/** What came in the envelope. */
export interface AuthenticationSource {
  readonly session: SessionEvidence;
  /** Null for the null reverse-path. */
  readonly sender: Address | null;
}

function makeAuthenticator(
  { clock, hostname }: InboundContext,
  authentication: InboundAuthentication,
  { session, sender }: AuthenticationSource,
): MessageAuthenticator {
  const now = clock.now();
  const { resolver, keyCache, limitSeconds = defaultLimitSeconds } = authentication;
  const mailFrom = sender ? formatAddress(sender, { smtputf8: true }) : '';
  return new MessageAuthenticator(
    { ip: session.remoteAddress, helo: session.hello?.name ?? '', mailFrom },
    {
      resolver: new DeadlineResolver(resolver, clock, now + limitSeconds * 1000),
      now,
      receiver: hostname,
      ...(keyCache && { keyCache }),
    },
  );
}

function isExempt(authentication: InboundAuthentication, { remoteAddress }: SessionEvidence): boolean {
  return authentication.exempt?.(remoteAddress) ?? false;
}

/** Authenticates one message. A fault of it is evidence like any other and costs no mail. */
export class TransactionAuthentication {
  readonly #authentication: InboundAuthentication;
  #authenticator: MessageAuthenticator | undefined;
  #evidence: AuthenticationEvidence | undefined;

  /** Of mail from other hosts alone, and only where there is a resolver: undefined otherwise. */
  static begin(context: InboundContext, source: AuthenticationSource): TransactionAuthentication | undefined {
    const { authentication } = context;
    if (!authentication || source.session.mode !== 'smtp') return undefined;
    return new TransactionAuthentication(context, authentication, source);
  }

  private constructor(context: InboundContext, authentication: InboundAuthentication, source: AuthenticationSource) {
    this.#authentication = authentication;
    if (isExempt(authentication, source.session)) this.#evidence = { status: 'exempt' };
    else this.#try(() => (this.#authenticator = makeAuthenticator(context, authentication, source)));
  }

  /** Takes the next bytes of the message, as the client sent them. */
  write(bytes: Uint8Array): void {
    this.#try(() => this.#authenticator?.write(bytes));
  }

  /** The message is whole. Never rejects. */
  async end(): Promise<AuthenticationEvidence> {
    if (this.#evidence || !this.#authenticator) return this.#evidence ?? { status: 'fault', problem: 'nothing was begun' };
    try {
      const result = await this.#authenticator.end();
      const arcOverride = findArcOverride(result, this.#authentication.trustedSealers ?? []);
      return { status: 'done', result, ...(arcOverride && { arcOverride }) };
    } catch (error) {
      return faultOf(error);
    }
  }

  #try(step: () => void): void {
    if (this.#evidence) return;
    try {
      step();
    } catch (error) {
      this.#evidence = faultOf(error);
    }
  }
}

function faultOf(error: unknown): AuthenticationEvidence {
  return { status: 'fault', problem: error instanceof Error ? error.message : String(error) };
}

/** RFC 8601 §2.7.4: a user who logged in vouches for the sender of a submission. */
function loginResults(authservId: string, sender: Address | null): AuthenticationResults {
  const properties = sender ? [{ type: 'smtp', property: 'mailfrom', value: formatAddress(sender, { smtputf8: true }) }] : [];
  return { authservId, results: [{ method: 'auth', result: 'pass', properties }] };
}

/** The Authentication-Results field of a message, with its line end (RFC 8601 §2); empty where there is nothing to tell. */
export function authenticationResultsField(hostname: string, source: AuthenticationSource, evidence?: AuthenticationEvidence): string {
  const results =
    evidence?.status === 'done'
      ? makeAuthenticationResults(evidence.result, hostname)
      : source.session.mode === 'submission' && source.session.login
        ? loginResults(hostname, source.sender)
        : undefined;
  return results ? writeField('Authentication-Results', formatAuthenticationResults(results)) : '';
}
