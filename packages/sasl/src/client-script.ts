import { emptyBytes } from '@mox/runtime';
import { SaslError } from './errors.ts';
import type { OauthError } from './lookup.ts';
import type {
  SaslClient,
  SaslClientAnswer,
  SaslClientFailure,
  SaslClientLookup,
  SaslClientOutcome,
  SaslClientStep,
} from './sasl-client.ts';

type Response = Extract<SaslClientStep, { readonly type: 'response' }>;
type Pause = Response | { readonly type: 'silence' } | { readonly type: 'lookup'; readonly lookup: SaslClientLookup };
type Heard = { readonly type: 'challenge'; readonly data: Uint8Array } | { readonly type: 'end'; readonly data: Uint8Array | undefined };
type Input = Heard | SaslClientAnswer | undefined;

/** An exchange written down from top to bottom, as `ServerScript`. Its first pause is the initial response, or silence. */
export type ClientScript = Generator<Pause, SaslClientOutcome, Input>;

function heard(input: Input): Heard {
  if (input && input.type !== 'salted-password') return input;
  throw new SaslError('out-of-turn', 'a response is followed by a challenge or the outcome');
}

/** Sends a response and gives what the server says to it. */
export function* respond(
  data: Uint8Array,
  refusal: { readonly problem?: string; readonly oauth?: OauthError } = {},
): Generator<Pause, Heard, Input> {
  return heard(yield { type: 'response', data, ...refusal });
}

/** Lets the server speak first. */
export function* listen(): Generator<Pause, Heard, Input> {
  return heard(yield { type: 'silence' });
}

/** Has work done outside the machine. */
export function* ask(lookup: SaslClientLookup): Generator<Pause, SaslClientAnswer, Input> {
  const input = yield { type: 'lookup', lookup };
  if (input?.type === 'salted-password') return input;
  throw new SaslError('out-of-turn', 'a look-up is followed by an answer');
}

/** The client gives up. */
export function gaveUp(reason: SaslClientFailure['reason'], problem: string): SaslClientFailure {
  return { type: 'failure', reason, problem };
}

/** The end of a mechanism that says nothing more to the client: success, unless the server goes on asking. */
export function concluded(last: Heard): SaslClientOutcome {
  if (last.type === 'challenge') return gaveUp('malformed', 'a challenge after the last response');
  return { type: 'success' };
}

/** The failure of a server that claims success before the exchange is over. */
export function tooEarly(): SaslClientFailure {
  return gaveUp('server-not-authenticated', 'success was claimed before the exchange was over');
}

/** A client machine around a script. */
export function clientMachine(mechanism: string, script: ClientScript): SaslClient {
  let wants: 'start' | 'challenge' | 'answer' | 'nothing' = 'start';
  const failure = (outcome: SaslClientOutcome): SaslClientFailure =>
    outcome.type === 'failure' ? outcome : gaveUp('malformed', 'a challenge after the last response');

  function turn(expected: typeof wants): void {
    if (wants !== expected) throw new SaslError('out-of-turn', `${mechanism}: wants ${wants}, not ${expected}`);
  }

  function run(input: Input): SaslClientStep {
    const result = script.next(input);
    wants = 'nothing';
    if (result.done) return failure(result.value);
    wants = result.value.type === 'lookup' ? 'answer' : 'challenge';
    return result.value.type === 'silence' ? { type: 'response', data: emptyBytes } : result.value;
  }

  return {
    mechanism,
    start() {
      turn('start');
      const first = script.next();
      wants = 'challenge';
      return !first.done && first.value.type === 'response' ? first.value.data : undefined;
    },
    step(challenge) {
      turn('challenge');
      return run({ type: 'challenge', data: challenge });
    },
    answer(answer) {
      turn('answer');
      return run(answer);
    },
    finish(data) {
      turn('challenge');
      const result = script.next({ type: 'end', data });
      wants = 'nothing';
      return result.done ? result.value : tooEarly();
    },
  };
}
