import { SaslError } from './errors.ts';
import type { SaslAnswer, SaslLookup } from './lookup.ts';
import type { SaslFailure, SaslServer, SaslServerOptions, SaslServerStep, SaslSuccess } from './sasl-server.ts';

type Pause = Extract<SaslServerStep, { readonly type: 'challenge' | 'lookup' }>;
type Input = Uint8Array | SaslAnswer | undefined;

/**
 * An exchange written down from top to bottom: it pauses at each challenge and look-up and returns the outcome. The machine
 * around it sees to it that a challenge is followed by a response and a look-up by an answer.
 */
export type ServerScript = Generator<Pause, SaslSuccess | SaslFailure, Input>;

/** Sends a challenge and gives the client's response. */
export function* challenge(data: Uint8Array): Generator<Pause, Uint8Array, Input> {
  const input = yield { type: 'challenge', data };
  if (input instanceof Uint8Array) return input;
  throw new SaslError('out-of-turn', 'a challenge is followed by a response');
}

/** Asks for a look-up and gives what came out. */
export function* ask(lookup: SaslLookup): Generator<Pause, SaslAnswer, Input> {
  const input = yield { type: 'lookup', lookup };
  if (input !== undefined && !(input instanceof Uint8Array)) return input;
  throw new SaslError('out-of-turn', 'a look-up is followed by an answer');
}

const defaultMaxResponseBytes = 16384;

/** A server machine around a script, which is started with the client's initial response. */
export function serverMachine(
  mechanism: string,
  options: SaslServerOptions,
  start: (initial: Uint8Array | undefined) => ServerScript,
): SaslServer {
  const maxResponseBytes = options.maxResponseBytes ?? defaultMaxResponseBytes;
  let script: ServerScript | undefined;
  let wants: 'response' | 'answer' | 'nothing' = 'response';

  function took(result: IteratorResult<Pause, SaslSuccess | SaslFailure>): SaslServerStep {
    if (result.done) wants = 'nothing';
    else wants = result.value.type === 'challenge' ? 'response' : 'answer';
    return result.value;
  }

  function run(input: Input): SaslServerStep {
    try {
      if (script) return took(script.next(input));
      script = start(input instanceof Uint8Array ? input : undefined);
      return took(script.next());
    } catch (error) {
      wants = 'nothing';
      throw error;
    }
  }

  return {
    mechanism,
    step(response) {
      if (wants !== 'response' || (script && response === undefined))
        throw new SaslError('out-of-turn', `${mechanism}: ${wants === 'nothing' ? 'the exchange is over' : `waits for its ${wants}`}`);
      if (response === undefined || response.length <= maxResponseBytes) return run(response);
      wants = 'nothing';
      return { type: 'failure', reason: 'malformed', problem: `a response of ${response.length} bytes` };
    },
    answer(answer) {
      if (wants !== 'answer') throw new SaslError('out-of-turn', `${mechanism}: no look-up waits for an answer`);
      return run(answer);
    },
  };
}
