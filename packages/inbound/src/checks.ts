import type { Trace } from '@mox/runtime';
import type { Check, CheckInput } from './check.ts';
import { authenticationCheck } from './checks/authentication.ts';
import { headerCopiesCheck } from './checks/header-copies.ts';
import { helloCheck } from './checks/hello.ts';
import { hopsCheck } from './checks/hops.ts';
import { oddityCheck } from './checks/oddities.ts';
import { tlsCheck } from './checks/tls.ts';

/** The checks of a message, in the order of their traces. A new one is a row here and a file in checks/. */
export const checks: readonly Check[] = [tlsCheck, helloCheck, oddityCheck, headerCopiesCheck, hopsCheck, authenticationCheck];

async function runCheck(check: Check, input: CheckInput): Promise<Trace> {
  try {
    return await check.run(input);
  } catch (error) {
    // A fault of one check must not cost the message; its absence is evidence, too.
    return [{ step: check.name, outcome: 'fault', detail: error instanceof Error ? error.message : String(error) }];
  }
}

/** Runs all checks that apply, side by side. */
export async function runChecks(input: CheckInput, table: readonly Check[] = checks): Promise<Trace> {
  const traces = await Promise.all(table.filter((check) => check.applies(input)).map((check) => runCheck(check, input)));
  return traces.flat();
}
