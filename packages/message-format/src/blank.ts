import { type CharClass, charClass } from '@mox/syntax';

/** Whitespace and line ends: what folding white space is made of (RFC 5322 §3.2.2). */
export const isBlank: CharClass = /* @__PURE__ */ charClass(' \t\r\n');
