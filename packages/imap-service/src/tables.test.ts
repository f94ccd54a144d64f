import { commands, fetchItems, parseCommand, searchKeys } from '@mox/imap';
import { describe, expect, it } from 'vitest';
import { handlerFor } from './commands/table.ts';
import { writerFor } from './fetch-items/table.ts';
import { searchContext } from './search-keys/table.ts';

/** Commands that the session answers by itself, or hands out as events of their own. */
const own = new Set(['CAPABILITY', 'LOGOUT', 'STARTTLS', 'LOGIN', 'AUTHENTICATE', 'IDLE', 'APPEND']);

describe('what the codec reads, the service does', () => {
  it.each(commands.filter(({ name }) => !own.has(name)).map(({ name }) => name))('%s', (name) => {
    expect(handlerFor(name)?.name).toBe(name);
  });

  it.each(fetchItems.map(({ name }) => name))('FETCH %s', (name) => {
    const section = name.startsWith('B') && (name.includes('PEEK') || name.startsWith('BINARY')) ? '[1]' : '';
    const parsed = parseCommand(`a FETCH 1 ${name}${section}`);
    if (!parsed.ok) throw new Error(parsed.text);
    const [item] = (parsed.command as unknown as { items: readonly { name: string }[] }).items;
    expect(writerFor(item?.name ?? '')?.name).toBe(item?.name);
  });

  it.each(searchKeys.map(({ name }) => name))('SEARCH %s', (name) => {
    const connection = {
      clock: { now: () => 0 },
      view: { told: 0, placesThatAre: () => new Uint32Array(), recentPlaces: new Uint32Array(), uidsAt: () => new Uint32Array() },
    };
    const context = searchContext(connection as unknown as Parameters<typeof searchContext>[0]);
    const forms = ['', ' x', ' 5', ' 1-Feb-1994', ' ALL', ' ALL ALL', ' x y'].map((rest) => parseCommand(`a SEARCH ${name}${rest}`));
    const parsed = forms.find((form) => form.ok);
    if (!parsed?.ok) throw new Error(`no form of ${name} is understood`);
    expect(context.criterion((parsed.command as unknown as { key: { type: string } }).key)).toHaveProperty('type');
  });
});
