import type { Command } from '../../cli/command.ts';
import { arcVerifyCommand } from './arc.ts';
import { daneRecordCommand, daneVerifyCommand } from './dane.ts';
import { dkimGenCommand, dkimLookupCommand, dkimSignCommand, dkimVerifyCommand } from './dkim.ts';
import { dmarcLookupCommand, dmarcReportParseCommand, dmarcVerifyCommand } from './dmarc.ts';
import { dnsLookupCommand } from './dns.ts';
import { idnaCommand } from './idna.ts';
import { messageParseCommand } from './message.ts';
import { messageCheckCommand } from './message-check.ts';
import { mtastsLookupCommand } from './mtasts.ts';
import { spfCheckCommand } from './spf.ts';
import { tlsrptLookupCommand, tlsrptParseCommand } from './tlsrpt.ts';

/** The command-line faces of the protocol packages, in the order of the help. */
export const protocolCommands: readonly Command[] = [
  messageCheckCommand,
  spfCheckCommand,
  dkimVerifyCommand,
  dkimSignCommand,
  dkimLookupCommand,
  dkimGenCommand,
  arcVerifyCommand,
  dmarcVerifyCommand,
  dmarcLookupCommand,
  dmarcReportParseCommand,
  mtastsLookupCommand,
  tlsrptLookupCommand,
  tlsrptParseCommand,
  daneVerifyCommand,
  daneRecordCommand,
  dnsLookupCommand,
  messageParseCommand,
  idnaCommand,
];
