import type { MessageAuthentication } from '@mox/message-authentication';
import type { Trace, TraceStep } from '@mox/runtime';
import type { Check } from '../check.ts';
import type { AuthenticationEvidence } from '../evidence.ts';

const step = 'who the message is from';
const rfc = 'RFC 8601 §2.7';

/** One check with its own steps inside. */
function stepOf(
  name: string,
  section: string,
  result: { readonly status: string; readonly problem?: string; readonly trace: Trace },
): TraceStep {
  const { status, problem, trace } = result;
  return { step: name, rfc: section, outcome: status, ...(problem === undefined ? {} : { detail: problem }), steps: trace };
}

function stepsOf({ iprev, spf, dkim, arc, dmarc }: MessageAuthentication): Trace {
  return [
    ...(iprev?.trace ?? []),
    ...(spf ? [stepOf(`SPF of ${spf.domain}`, 'RFC 7208 §2.6', spf)] : []),
    ...(dkim.length === 0 ? [{ step: 'DKIM', rfc: 'RFC 6376 §6.1', outcome: 'none' }] : []),
    ...dkim.map((result) => stepOf(`DKIM of ${result.signature?.domain ?? 'a broken signature'}`, 'RFC 6376 §6.1', result)),
    stepOf('ARC', 'RFC 8617 §5.2', arc),
    stepOf(`DMARC of ${dmarc.authorDomain ?? 'no domain'}`, 'RFC 9989 §5.3', dmarc),
  ];
}

function traceOf(evidence: AuthenticationEvidence): Trace {
  switch (evidence.status) {
    case 'done':
      return stepsOf(evidence.result);
    case 'exempt':
      return [{ step, rfc, outcome: 'not checked', detail: 'mail of this client is not checked' }];
    case 'fault':
      return [{ step, rfc, outcome: 'fault', detail: evidence.problem }];
  }
}

/** iprev, SPF, DKIM, ARC and DMARC of a message from another host. */
export const authenticationCheck: Check = {
  name: 'authentication',
  applies: ({ message }) => message.authentication !== undefined,
  run: ({ message }) => (message.authentication ? traceOf(message.authentication) : []),
};
