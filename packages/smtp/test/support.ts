import { formatAddress } from '@mox/address';
import { concatBytes, ManualClock, Secret, type TransportEvent, toLatin1 } from '@mox/runtime';
import { makeScramCredentials, type SaslAnswer, type SaslLookup } from '@mox/sasl';
import { playDialogue } from '../../../tools/dialogue.ts';
import { type SmtpReply, type SmtpServerEvent, type SmtpServerOptions, SmtpServerSession, smtpReply } from '../src/index.ts';

/** What a service of the tests took and was told. */
export interface Recorded {
  readonly messages: { readonly sender: string; readonly recipients: readonly string[]; readonly content: string }[];
  readonly resets: string[];
  readonly events: SmtpServerEvent[];
}

export interface ServiceOptions {
  /** Answers a question; undefined for the usual. */
  readonly answer?: (event: SmtpServerEvent) => SmtpReply | readonly SmtpReply[] | undefined;
  /** Password of every user. */
  readonly password?: string;
}

export const questions: ReadonlySet<string> = new Set(['connect', 'hello', 'mail', 'recipient', 'message-start', 'message-end']);

export async function answerLookup(lookup: SaslLookup, password: string): Promise<SaslAnswer> {
  if (lookup.type === 'password') return lookup.password.reveal() === password ? { type: 'accepted' } : { type: 'refused' };
  if (lookup.type !== 'scram') return { type: 'refused' };
  return {
    type: 'scram',
    credentials: await makeScramCredentials({ password: new Secret(password), hash: lookup.hash, iterations: 4096 }),
  };
}

/** A service that takes everything, unless told otherwise, and remembers it. */
export class RecordingService implements Recorded {
  readonly messages: { sender: string; recipients: string[]; content: string }[] = [];
  readonly resets: string[] = [];
  readonly events: SmtpServerEvent[] = [];
  readonly #options: ServiceOptions;
  #chunks: Uint8Array[] = [];

  constructor(options: ServiceOptions = {}) {
    this.#options = options;
  }

  async handle(session: SmtpServerSession, event: SmtpServerEvent | TransportEvent): Promise<void> {
    if (event.type === 'start-tls' || event.type === 'close') return;
    if (event.type !== 'message-chunk') this.events.push(event);
    if (event.type === 'message-start') this.#chunks = [];
    if (event.type === 'message-chunk') this.#chunks.push(event.bytes);
    if (event.type === 'reset') this.resets.push(event.reason);
    if (event.type === 'lookup') session.answerLookup(await answerLookup(event.lookup, this.#options.password ?? 'secret'));
    if (!questions.has(event.type)) return;
    const answer = this.#options.answer?.(event);
    if (event.type === 'message-end' && (answer === undefined || (!Array.isArray(answer) && (answer as SmtpReply).code < 300))) {
      const { sender, recipients } = event.transaction;
      this.messages.push({
        sender: sender ? formatAddress(sender, { smtputf8: true }) : '',
        recipients: recipients.map(({ address }) => formatAddress(address, { smtputf8: true })),
        content: toLatin1(concatBytes(this.#chunks)),
      });
    }
    if (Array.isArray(answer)) session.answerRecipients(answer as readonly SmtpReply[]);
    else session.answer(answer as SmtpReply | undefined);
  }
}

export function serverOptions(options: Partial<SmtpServerOptions> = {}): SmtpServerOptions {
  return { mode: 'smtp', hostname: 'foo.com', clock: new ManualClock(), ...options };
}

/** Plays a dialogue with a server session. */
export async function playServer(
  script: string,
  options: Partial<SmtpServerOptions> = {},
  service: ServiceOptions = {},
): Promise<RecordingService & { readonly session: SmtpServerSession; readonly types: string[] }> {
  const session = new SmtpServerSession(serverOptions(options));
  const recording = new RecordingService(service);
  const events = await playDialogue<SmtpServerEvent>(session, script, {
    role: 'server',
    on: async (event) => {
      if (event.type === 'start-tls') session.upgraded(testTls);
      else await recording.handle(session, event);
    },
  });
  return Object.assign(recording, { session, types: events.map(({ type }) => type) });
}

/** A TLS connection without channel binding. */
export const testTls = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  channelBindingTypes: [],
  channelBinding: () => undefined,
} as const;

export const reply: typeof smtpReply = smtpReply;

/** The start of a dialogue: greeting, and a greeting command with so many lines of reply. */
export function hello(lines: number, verb: string = 'EHLO'): string {
  return `S: 220 …\nC: ${verb} client.example\n${'S: 250-…\n'.repeat(lines - 1)}S: 250 …\n`;
}

/** A sender and a recipient that are taken. */
export const envelope: string = `
C: MAIL FROM:<a@example.org>
S: 250 …
C: RCPT TO:<b@foo.com>
S: 250 …
`;

/** The first event of a type. */
export function findEvent<Type extends SmtpServerEvent['type']>(
  events: readonly SmtpServerEvent[],
  type: Type,
): Extract<SmtpServerEvent, { readonly type: Type }> | undefined {
  return events.find((event): event is Extract<SmtpServerEvent, { readonly type: Type }> => event.type === type);
}
