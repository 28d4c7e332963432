import { type EvidenceRow, evidenceOf } from "./evidence.ts";
import type { Endpoints, Exchange, Instrument, RequestJson, Scope } from "../../src/exchanges/exchange.ts";
import { watchedInstruments } from "../../src/exchanges/decoding/scope.ts";
import { HttpStatusError } from "../../src/http-status-error.ts";
import { messageOf } from "../../src/message-of.ts";
import { Advice } from "../command-line.ts";
import { Collected } from "./collected.ts";
import type { Observations, ObservedInstruments, ObservedRequest } from "./observations.ts";
import { shownAddress } from "./shown-address.ts";
import { WatchedSocket } from "./watched-socket.ts";

export interface CheckOptions {
  readonly exchange: Exchange;
  readonly endpoints: Endpoints;
  readonly symbols: ReadonlySet<string> | "*";
  readonly seconds: number;
  /** Ends the check early. */
  readonly signal?: AbortSignal;
  /** Called about once per second. */
  readonly progress?: (text: string) => void;
}

const TICK_MS = 1_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A frame names its channel near its beginning. */
const NAMED_WITHIN = 2_000;
const MAX_SHOWN = 300;
const BACKFILL_MS = 600_000;

/**
 * Connects to a venue by the adapter and the sockets of the collector, and notes what comes. Never throws for what a venue does.
 * @throws {Advice} where the venue's table has no contract of a base asset that was asked for
 */
export async function collect(options: CheckOptions): Promise<Observations> {
  const { exchange, endpoints, symbols, seconds, signal, progress } = options;
  const startTime = Date.now();
  const requests: ObservedRequest[] = [];
  const request = recorded(requests, endpoints);
  const evidence = evidenceOf(exchange.name);
  const counts = evidence.map(() => 0);
  const collected = new Collected();
  const table = await loadTable(exchange, endpoints, request);
  const scope: Scope = { symbols, instruments: new Map(table.all.map((one) => [one.instrument, one])) };
  if (table.observed.error === null) requireContracts(exchange, scope);
  const plans = exchange.sockets(scope, endpoints);
  const sockets = plans.map(
    (plan) =>
      new WatchedSocket(exchange, scope, plan, { request, now: Date.now }, (messages, { text, receivedTime }) => {
        collected.take(messages, receivedTime);
        evidence.forEach((row, index) => {
          if (isNamed(row, text)) counts[index] = (counts[index] ?? 0) + 1;
        });
      }),
  );
  const rest = askRest(options, scope, request, requests, collected);
  const until = startTime + seconds * 1_000;
  const isOver = () => Date.now() >= until || signal?.aborted === true || sockets.every(({ isGivenUp }) => isGivenUp);
  while (!isOver()) {
    for (const socket of sockets) socket.tick(Date.now());
    const { liquidations } = collected;
    progress?.(`${Math.max(0, Math.ceil((until - Date.now()) / 1_000))} s left, ${liquidations.length} liquidations`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(TICK_MS, Math.max(0, until - Date.now()))));
  }
  for (const socket of sockets) socket.tick(Date.now());
  const endTime = Date.now();
  for (const socket of sockets) socket.close();
  await rest;
  return {
    exchange,
    endpoints,
    symbols,
    startTime,
    endTime,
    sockets: sockets.map(({ observed }) => observed),
    ...collected,
    repeated: collected.repeated,
    unkept: collected.unkept,
    rejects: [...collected.rejects.values()],
    channels: evidence.map(({ channel, source, literals, path }, index) => {
      if (path === null) return { channel, source, count: literals.length === 0 ? null : (counts[index] ?? 0), error: null };
      const asked = requests.filter(({ address }) => path.test(new URL(address).pathname));
      return { channel, source, count: asked.length, error: asked.find(({ error }) => error !== null)?.error ?? null };
    }),
    requests,
    instruments: table.observed,
  };
}

function isNamed({ literals }: EvidenceRow, text: string): boolean {
  return literals.some((literal) => text.lastIndexOf(literal, NAMED_WITHIN) >= 0);
}

/** Requests JSON, and notes each request without its query. */
function recorded(requests: ObservedRequest[], endpoints: Endpoints): RequestJson {
  return async (url, given) => {
    const address = shownAddress(url, endpoints);
    try {
      const response = await fetch(url, { method: given?.method ?? "GET", signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
      const text = await response.text();
      if (!response.ok) throw HttpStatusError.of(response, url, text, Date.now());
      const body: unknown = JSON.parse(text);
      requests.push({ what: "request of the adapter", address, messages: 0, error: null });
      return body;
    } catch (error) {
      requests.push({ what: "request of the adapter", address, messages: 0, error: messageOf(error).slice(0, MAX_SHOWN) });
      throw error;
    }
  };
}

/** A mistyped base asset must not look like a quiet venue. */
function requireContracts({ title }: Exchange, scope: Scope): void {
  const traded = new Set(watchedInstruments(scope).map(({ symbol }) => symbol));
  const absent = scope.symbols === "*" ? [] : [...scope.symbols].filter((symbol) => !traded.has(symbol));
  if (absent.length > 0) throw new Advice(`--symbols: the table of ${title} has no trading contract of ${absent.join(", ")}`);
}

interface Table {
  readonly all: readonly Instrument[];
  readonly observed: ObservedInstruments;
}

async function loadTable(exchange: Exchange, endpoints: Endpoints, request: RequestJson): Promise<Table> {
  const builtIn = exchange.fallbackInstruments;
  try {
    const loaded = await exchange.loadInstruments(request, endpoints);
    const byName = new Map(loaded.map((one) => [one.instrument, one]));
    // A built-in size that is unknown is no claim.
    const compared = builtIn.filter(
      ({ instrument, contract }) => byName.has(instrument) && Object.values(contract).every((part) => part !== null),
    );
    const different = compared
      .filter(({ instrument, contract, scale }) => {
        const now = byName.get(instrument);
        return JSON.stringify([now?.contract, now?.scale]) !== JSON.stringify([contract, scale]);
      })
      .map(({ instrument }) => instrument);
    return {
      all: [...builtIn, ...loaded],
      observed: { count: byName.size, error: null, different, compared: compared.length },
    };
  } catch (error) {
    return { all: builtIn, observed: { count: builtIn.length, error: messageOf(error).slice(0, MAX_SHOWN), different: [], compared: 0 } };
  }
}

/** One request of each kind of polled market data, and one of the history: whether they answer at all. */
async function askRest(
  { exchange, endpoints }: CheckOptions,
  scope: Scope,
  request: RequestJson,
  requests: ObservedRequest[],
  collected: Collected,
): Promise<void> {
  const polls = [...Map.groupBy(exchange.polls?.(scope, endpoints) ?? [], ({ what }) => what).values()].flatMap(([poll]) => poll ?? []);
  for (const { what, url, read } of polls) {
    await noted(requests, what, shownAddress(url, endpoints), async () => {
      const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
      if (!response.ok) throw new HttpStatusError(response.status, url);
      const messages = read(await response.text(), Date.now());
      collected.take(messages, Date.now());
      return messages.length;
    });
  }
  const [history] = exchange.backfill?.requests(scope, endpoints, Date.now() - BACKFILL_MS, Date.now()) ?? [];
  if (history === undefined || exchange.backfill === undefined) return;
  const { backfill } = exchange;
  await noted(requests, "history", shownAddress(history, endpoints), async () => {
    const messages = backfill.read(await request(history), scope);
    for (const message of messages) if (message.kind === "reject") collected.take([message], Date.now());
    return messages.length;
  });
}

async function noted(requests: ObservedRequest[], what: string, address: string, ask: () => Promise<number>): Promise<void> {
  try {
    requests.push({ what, address, messages: await ask(), error: null });
  } catch (error) {
    requests.push({ what, address, messages: 0, error: messageOf(error).slice(0, MAX_SHOWN) });
  }
}
