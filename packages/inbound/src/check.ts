import type { Trace } from '@mox/runtime';
import type { Evidence } from './evidence.ts';

/** A check of a message: gathers one piece of evidence. What it finds is judged elsewhere. */
export interface Check {
  /** For the log. */
  readonly name: string;
  /** Whether it makes sense here; where not, it leaves no trace. */
  applies(evidence: CheckInput): boolean;
  run(evidence: CheckInput): Trace | Promise<Trace>;
}

/** What checks look at: the evidence but their own. */
export type CheckInput = Omit<Evidence, 'checks'>;
