import type { ChannelBindingType, TlsInfo } from '@mox/runtime';

const types: readonly ChannelBindingType[] = ['tls-exporter', 'tls-unique', 'tls-server-end-point'];

/** Whether a connection can be bound to by both ends (RFC 5802 §6). */
export function canBind(tls: TlsInfo | undefined): boolean {
  return tls !== undefined && tls.channelBindingTypes.length > 0;
}

/** The type by its registered name (RFC 5929 §3 and §4, RFC 9266 §2), or undefined where it is none that SASL uses. */
export function channelBindingType(name: string | undefined): ChannelBindingType | undefined {
  return types.find((type) => type === name);
}

/** The best binding that a connection has, for a client to choose. */
export function bestBinding(tls: TlsInfo | undefined): { readonly type: ChannelBindingType; readonly data: Uint8Array } | undefined {
  for (const type of tls?.channelBindingTypes ?? []) {
    const data = tls?.channelBinding(type);
    if (data && data.length > 0) return { type, data };
  }
  return undefined;
}
