// dns-packet ships no types: what the tests and the benchmark use of it.
declare module 'dns-packet' {
  namespace packet {
    type Answer = { readonly type: string; readonly [field: string]: unknown };
    interface Packet {
      type?: 'query' | 'response';
      id?: number;
      flags?: number;
      flag_ad?: boolean;
      questions?: { name: string; type: string }[];
      answers?: Answer[];
      additionals?: Answer[];
    }
  }
  const packet: {
    encode(packet: packet.Packet): Buffer;
    decode(bytes: Uint8Array): packet.Packet;
    readonly RECURSION_DESIRED: number;
    readonly RECURSION_AVAILABLE: number;
    readonly AUTHENTIC_DATA: number;
    readonly DNSSEC_OK: number;
  };
  export = packet;
}
