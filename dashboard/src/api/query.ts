import { type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { apiKey } from "./key.ts";
import type { Outcome } from "./client.ts";
import type { Failure } from "./failure.ts";
import type { Meta } from "./schema.ts";

/**
 * Reads of the API that components share: one request per key, however many components show it. An answer that is there
 * stays on screen when the next request fails, with the failure beside it.
 */
export interface Loaded<Data> {
  readonly data: Data | null;
  readonly meta: Meta | null;
  /** The last request's failure; null where it succeeded. */
  readonly failure: Failure | null;
  readonly isLoading: boolean;
  /** When the data came, by this browser's clock; null while there is none. */
  readonly loadedTime: number | null;
}

export interface QueryOptions<Data> {
  /** Ms between two requests while the page is shown, by what the last one returned if need be; null or absent: only once. */
  readonly refreshMs?: number | ((data: Data) => number | null);
}
type Refresh<Data> = QueryOptions<Data>["refreshMs"];

const NOTHING: Loaded<never> = { data: null, meta: null, failure: null, isLoading: true, loadedTime: null };
/** What nobody shows is forgotten after this long, so that going back and forth asks nothing twice. */
const FORGET_MS = 60_000;
const RETRY_MS = 5_000;
const MAX_RETRY_MS = 60_000;
const HIDDEN_CHECK_MS = 1_000;
/** No screen can help these by asking again. */
const FINAL: ReadonlySet<Failure["kind"]> = new Set(["bad_request", "unauthorized", "forbidden", "not_found"]);

/** One request that components share, and when it is sent again. */
export class Query<Data> {
  readonly state: Signal<Loaded<Data>> = signal<Loaded<Data>>(NOTHING);
  load: () => Promise<Outcome<Data>>;
  #refresh: Refresh<Data>;
  /** The interval that the timer was set by. */
  #plannedMs: number | null = null;
  #shown = 0;
  #failures = 0;
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #forget: () => void;

  constructor(load: () => Promise<Outcome<Data>>, refresh: Refresh<Data>, forget: () => void) {
    this.load = load;
    this.#refresh = refresh;
    this.#forget = forget;
  }

  /** Takes another interval, which counts from the last answer. */
  refreshEvery(refresh: Refresh<Data>): void {
    this.#refresh = refresh;
    const { isLoading, failure } = this.state.peek();
    if (!isLoading && failure === null && this.#refreshMs() !== this.#plannedMs) this.#planRefresh();
  }

  show(): () => void {
    this.#shown += 1;
    if (this.#shown === 1) {
      clearTimeout(this.#timer);
      if (this.#isDue()) void this.request();
      else this.#planRefresh();
    }
    return () => {
      this.#shown -= 1;
      if (this.#shown > 0) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#forget, FORGET_MS);
    };
  }

  async request(): Promise<void> {
    clearTimeout(this.#timer);
    this.#round += 1;
    const round = this.#round;
    this.state.value = { ...this.state.peek(), isLoading: true };
    const outcome = await this.load();
    // Asked again meanwhile, with another key.
    if (round !== this.#round) return;
    const isGood = outcome.kind === "ok";
    this.#failures = isGood ? 0 : this.#failures + 1;
    this.state.value = isGood
      ? { data: outcome.data, meta: outcome.meta, failure: null, isLoading: false, loadedTime: Date.now() }
      : { ...this.state.peek(), failure: outcome.failure, isLoading: false };
    if (isGood) this.#planRefresh();
    else this.#plan(this.#retryMs(outcome.failure));
  }

  #refreshMs(): number | null {
    const { data } = this.state.peek();
    if (typeof this.#refresh !== "function") return this.#refresh ?? null;
    return data === null ? null : this.#refresh(data);
  }

  #planRefresh(): void {
    const ms = this.#refreshMs();
    this.#plannedMs = ms;
    this.#plan(ms === null ? null : Math.max(0, (this.state.peek().loadedTime ?? 0) + ms - Date.now()));
  }

  #isDue(): boolean {
    const { loadedTime, failure } = this.state.peek();
    const refreshMs = this.#refreshMs();
    return loadedTime === null || failure !== null || (refreshMs !== null && Date.now() - loadedTime >= refreshMs);
  }

  #retryMs(failure: Failure): number | null {
    if (failure.retryAfterMs !== null) return Math.max(failure.retryAfterMs, 1_000) + Math.random() * 2_000;
    if (FINAL.has(failure.kind)) return null;
    return Math.min(RETRY_MS * 2 ** (this.#failures - 1), MAX_RETRY_MS) * (0.5 + Math.random() / 2);
  }

  #plan(delayMs: number | null): void {
    clearTimeout(this.#timer);
    if (delayMs === null || this.#shown === 0) return;
    this.#timer = setTimeout(() => {
      // A page in the background draws nothing, so it asks nothing.
      if (document.visibilityState === "visible") void this.request();
      else this.#plan(HIDDEN_CHECK_MS);
    }, delayMs);
  }
}

const queries = new Map<string, Query<unknown>>();

/**
 * What the API answers, asked once for all components that name the same key, and again every `refreshMs`.
 *
 * @param key names the request with all its parameters; null asks nothing yet
 * @param load asks, by `ask(api.GET(…))`
 */
export function useQuery<Data>(
  key: string | null,
  load: () => Promise<Outcome<Data>>,
  options: QueryOptions<Data> = {},
): Loaded<Data> & { readonly reload: () => void } {
  const query = key === null ? null : queryOf(key, load, options.refreshMs);
  useEffect(() => query?.show(), [query]);
  const state: Loaded<Data> = query === null ? NOTHING : query.state.value;
  return { ...state, reload: () => void query?.request() };
}

function queryOf<Data>(key: string, load: () => Promise<Outcome<Data>>, refresh: Refresh<Data>): Query<Data> {
  // The key names the request, so what is kept under it has that request's type.
  const known = queries.get(key) as Query<Data> | undefined;
  if (known !== undefined) {
    known.load = load;
    known.refreshEvery(refresh);
    return known;
  }
  const made = new Query(load, refresh, () => queries.delete(key));
  queries.set(key, made as unknown as Query<unknown>);
  return made;
}

/** Asks everything on screen again: another key may be allowed more. */
export function reloadAll(): void {
  for (const query of queries.values()) void query.request();
}

let keyBefore = apiKey.peek();
apiKey.subscribe((key) => {
  if (key !== keyBefore) reloadAll();
  keyBefore = key;
});
