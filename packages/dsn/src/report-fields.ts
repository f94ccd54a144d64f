import { parseHeaderFields } from '@mox/message-format';

/** A field of a report: name in lower case, value unfolded. */
export type ReportField = readonly [nameLower: string, value: string];

const lf = 10;
const cr = 13;

/** Parts the body of a report at its empty lines into groups of fields (RFC 3464 §2.1). At most `mostGroups` are read. */
export function readFieldGroups(
  body: Uint8Array,
  mostGroups: number,
): { readonly groups: readonly (readonly ReportField[])[]; readonly cut: boolean } {
  const groups: (readonly ReportField[])[] = [];
  let start = 0;
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf(lf, at);
    const end = lineEnd < 0 ? body.length : lineEnd + 1;
    const blank = body[at] === lf || (body[at] === cr && body[at + 1] === lf);
    if (blank || end === body.length) {
      const to = blank ? at : end;
      const found = to > start ? parseHeaderFields(body.subarray(start, to), { headerFields: 200 }) : [];
      const fields = found.map(({ nameLower, value }): ReportField => [nameLower, value]);
      if (fields.length > 0) groups.push(fields);
      start = end;
      if (groups.length > mostGroups) return { groups: groups.slice(0, mostGroups), cut: true };
    }
    at = end;
  }
  return { groups, cut: false };
}

/** The value of the first field of a name, given in lower case. */
export function fieldValue(fields: readonly ReportField[], nameLower: string): string | undefined {
  return fields.find(([name]) => name === nameLower)?.[1];
}

/** Writes a field. What would break its line is taken out; long values are folded at spaces. */
export function formatField(name: string, value: string): string {
  const clean = value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  let line = `${name}:`;
  const lines: string[] = [];
  for (const word of clean.split(' ')) {
    if (line.length + 1 + word.length > 76 && line.length > name.length + 1) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  return `${[...lines, line].join('\r\n')}\r\n`;
}
