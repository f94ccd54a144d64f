/** How reports are thinned out. */
export interface IncidentThrottleOptions {
  /** Incidents that follow no other for this long are counted anew. Default: a day. */
  readonly quietMs?: number;
  /** Most reports to one address in a `windowMs`. Default: 100 an hour. */
  readonly mostReports?: number;
  readonly windowMs?: number;
  /** Kinds of incidents, and addresses, that are remembered; the oldest are forgotten first. Default: 10,000. */
  readonly mostEntries?: number;
}

interface Counted {
  readonly at: number;
  readonly incidents: number;
  /** Incidents that reports were sent for. */
  readonly reported: number;
}

interface Window {
  readonly startedAt: number;
  readonly reports: number;
  readonly silentUntil: number;
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

/** Whether the nth incident of a kind is reported: each of the first ten, every tenth up to a hundred, every hundredth up to a thousand ... */
function isDue(count: number): boolean {
  let every = 1;
  while (count > every * 10) every *= 10;
  return count % every === 0;
}

/**
 * Tells for which incidents reports are sent, so that nobody is drowned in them, and nobody can make this system drown somebody
 * (RFC 6650 §7.5). It holds numbers alone, in memory; the time is the caller's.
 */
export class IncidentThrottle {
  readonly #options: Required<IncidentThrottleOptions>;
  readonly #counted: Map<string, Counted> = new Map();
  readonly #windows: Map<string, Window> = new Map();

  constructor(options: IncidentThrottleOptions = {}) {
    this.#options = { quietMs: 86_400_000, mostReports: 100, windowMs: 3_600_000, mostEntries: 10_000, ...options };
  }

  /**
   * Counts an incident. Gives how many it and those that went unreported are: the value of `incidents` in the report to be sent now; undefined
   * where none is.
   *
   * @param incident `destination`: who would get the report; `kind`: the same for incidents that are nearly the same, e.g. the source address.
   */
  count(incident: { readonly destination: string; readonly kind: string; readonly now: number }): number | undefined {
    const { destination, kind, now } = incident;
    const key = JSON.stringify([destination, kind]);
    const before = this.#counted.get(key);
    const fresh = !before || now - before.at >= this.#options.quietMs;
    const incidents = fresh ? 1 : before.incidents + 1;
    const reported = fresh ? 0 : before.reported;
    const sent = isDue(incidents) && this.#take(destination, now);
    remember(this.#counted, key, { at: now, incidents, reported: sent ? incidents : reported }, this.#options.mostEntries);
    return sent ? incidents - reported : undefined;
  }

  /** The destination had a temporary failure: no reports go there until a time, in milliseconds. */
  postpone(destination: string, until: number): void {
    const window = this.#windows.get(destination) ?? { startedAt: 0, reports: 0, silentUntil: 0 };
    remember(this.#windows, destination, { ...window, silentUntil: until }, this.#options.mostEntries);
  }

  #take(destination: string, now: number): boolean {
    const { windowMs, mostReports, mostEntries } = this.#options;
    const known = this.#windows.get(destination);
    const silentUntil = known?.silentUntil ?? 0;
    const window = known && now - known.startedAt < windowMs ? known : { startedAt: now, reports: 0, silentUntil };
    if (now < silentUntil || window.reports >= mostReports) return false;
    remember(this.#windows, destination, { ...window, reports: window.reports + 1 }, mostEntries);
    return true;
  }
}
