/** A DNS question that a step asked, and what came back. Plain data: it can be stored and replayed. */
export interface TraceDns {
  readonly name: string;
  /** Record type, e.g. `TXT`. */
  readonly type: string;
  /** `ok`, `nodata`, `nxdomain`, `timeout`, `servfail` ... */
  readonly status: string;
  /** Whether the answer was DNSSEC-validated by a trusted resolver. */
  readonly authentic?: boolean;
  /** Answers in presentation form. */
  readonly answers?: readonly string[];
}

/** A plain value of a trace: what JSON can hold. */
export type TraceValue = string | number | boolean | null | readonly TraceValue[] | { readonly [key: string]: TraceValue };

/** One step of a check: what was looked at, by which rule, and what came out. Plain data, as JSON. */
export interface TraceStep {
  /** What was done, in the RFC's words, e.g. `mechanism include:_spf.example.net`. */
  readonly step: string;
  /** The rule, e.g. `RFC 7208 §5.2`. */
  readonly rfc?: string;
  /** What the step was given. */
  readonly inputs?: Readonly<Record<string, TraceValue>>;
  /** What came out, in the RFC's words, e.g. `match`. */
  readonly outcome: string;
  /** Why, where the outcome does not say it by itself. */
  readonly detail?: string;
  readonly dns?: readonly TraceDns[];
  /** Steps taken inside this one. */
  readonly steps?: readonly TraceStep[];
}

/** The steps of a check in the order they were taken. */
export type Trace = readonly TraceStep[];

function printable(text: string): string {
  // Nothing that a peer wrote may move the cursor of the terminal it is shown on.
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function formatInputs(inputs: NonNullable<TraceStep['inputs']>): string {
  return Object.entries(inputs)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function formatDns(dns: TraceDns): string {
  const answers = dns.answers && dns.answers.length > 0 ? `: ${dns.answers.join(' | ')}` : '';
  return `dns ${dns.name} ${dns.type} -> ${dns.status}${dns.authentic ? ' (dnssec)' : ''}${answers}`;
}

/** Prints a trace as text for people: a line a step, what is inside it indented by two spaces below. */
export function formatTrace(trace: Trace): string {
  const lines: string[] = [];
  const print = (step: TraceStep, indent: string): void => {
    const inputs = step.inputs ? ` (${formatInputs(step.inputs)})` : '';
    const rfc = step.rfc ? `  [${step.rfc}]` : '';
    const detail = step.detail ? `: ${step.detail}` : '';
    lines.push(`${indent}${printable(`${step.step}${inputs} -> ${step.outcome}${detail}`)}${rfc}`);
    for (const dns of step.dns ?? []) lines.push(`${indent}  ${printable(formatDns(dns))}`);
    for (const inner of step.steps ?? []) print(inner, `${indent}  `);
  };
  for (const step of trace) print(step, '');
  return lines.join('\n');
}
