export { createOutbound } from './deliver.ts';
export type { Deliver, DeliveryAttempt, OutgoingMessage, RecipientOutcome } from './delivery.ts';
export {
  type Demand,
  type DemandVerdict,
  decideHostPolicy,
  type HostEvidence,
  type HostPolicy,
  judgeSession,
  type PolicyRefusal,
  type SessionFacts,
  type SessionVerdict,
} from './host-policy.ts';
export { lookupMxHosts, type MxHost, type MxHosts, type MxRules } from './mx-hosts.ts';
export type { Connect, OutboundLimits, OutboundOptions } from './options.ts';
export { MemoryPolicyStore, type PolicyStore } from './policy-store.ts';
