import { describe, expect, it } from 'vitest';
import { MemoryPolicyStore } from './policy-store.ts';

const memory = (id: string): { readonly failed: { readonly id: string; readonly at: number } } => ({ failed: { id, at: 0 } });

describe('MemoryPolicyStore', () => {
  it('RFC 8461 §3.3: keeps what was set last, of the domains that were written last', async () => {
    const store = new MemoryPolicyStore({ mostDomains: 2 });
    for (const domain of ['a.example', 'b.example', 'a.example', 'c.example']) await store.set(domain, memory(domain));
    expect(store.size).toBe(2);
    expect([await store.get('a.example'), await store.get('b.example')]).toEqual([memory('a.example'), undefined]);
  });
});
