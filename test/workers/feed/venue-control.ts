import { env } from "cloudflare:workers";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { CascadeScript } from "../../../scripts/simulator/cascade-script.ts";
import type { LedgerEvent } from "../../../scripts/simulator/ledger.ts";
import type { LiquidationOrder, RefusalAnswer } from "../../../scripts/simulator/venue.ts";
import type { StartOptions } from "../../../scripts/simulator/start-venues.ts";
import type { LiquidationService, ReceivedFrame } from "../../../scripts/simulator/venue-protocol.ts";
import { makeVenues } from "../make-venues.ts";

/** What a test may do to the venue servers, which run outside workerd. */
export interface VenueControl {
  /** Worker variables that point at these venues. */
  readonly variables: Readonly<Record<string, string>>;
  /** Everything that was written to a subscribed socket. */
  sent(exchange: ExchangeName): Promise<readonly LedgerEvent[]>;
  /** Also liquidations that nobody received, but that the venue's REST history may contain. */
  published(exchange: ExchangeName): Promise<readonly LedgerEvent[]>;
  /** Also what nobody could hear. */
  ledger(exchange: ExchangeName): Promise<readonly LedgerEvent[]>;
  /** The last frames clients sent, oldest first. */
  received(exchange: ExchangeName): Promise<readonly ReceivedFrame[]>;
  connections(exchange: ExchangeName): Promise<number>;
  connectCount(exchange: ExchangeName): Promise<number>;
  liquidate(exchange: ExchangeName, order: LiquidationOrder): Promise<void>;
  cascade(script: CascadeScript): Promise<void>;
  drop(exchange: ExchangeName): Promise<void>;
  stall(exchange: ExchangeName, on: boolean): Promise<void>;
  refuse(exchange: ExchangeName, status: number | null, answer?: RefusalAnswer): Promise<void>;
  serve(exchange: ExchangeName, liquidations: LiquidationService): Promise<void>;
  unlist(exchange: ExchangeName, contracts: readonly string[]): Promise<void>;
  withdraw(exchange: ExchangeName, silently?: boolean): Promise<void>;
  send(exchange: ExchangeName, text: string): Promise<void>;
}

/** The venues that the Worker's own variables point at: no other runtime's files act on them. */
export function workerVenues(): VenueControl {
  return control(env.VENUE_CONTROL_URL, {});
}

/** A set of venues for one test. */
export async function ownVenues(options: StartOptions = {}): Promise<VenueControl> {
  const made = await makeVenues(env.VENUE_MAKER_URL, options);
  return control(made.control, made.variables);
}

function control(url: string, variables: Readonly<Record<string, string>>): VenueControl {
  const call = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/control/${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const status = async (exchange: ExchangeName) => {
    const all = (await call("status")) as { name: ExchangeName; connections: number; connect_count: number }[];
    const found = all.find(({ name }) => name === exchange);
    if (found === undefined) throw new Error(`no venue ${exchange}`);
    return found;
  };
  const act = async (path: string, body: unknown): Promise<void> => void (await call(path, body));
  return {
    variables,
    sent: async (exchange) => (await call(`${exchange}/sent`)) as LedgerEvent[],
    ledger: async (exchange) => (await call(`${exchange}/ledger`)) as LedgerEvent[],
    received: async (exchange) => (await call(`${exchange}/received`)) as ReceivedFrame[],
    published: async (exchange) => {
      const all = (await call(`${exchange}/ledger`)) as LedgerEvent[];
      return all.filter((event) => event.sent_time !== null || event.in_history);
    },
    connections: async (exchange) => (await status(exchange)).connections,
    connectCount: async (exchange) => (await status(exchange)).connect_count,
    liquidate: (exchange, order) => act(`${exchange}/liquidate`, order),
    cascade: (script) => act("cascade", script),
    drop: (exchange) => act(`${exchange}/drop`, {}),
    stall: (exchange, on) => act(`${exchange}/stall`, { on }),
    refuse: (exchange, code, answer = {}) => act(`${exchange}/refuse`, { status: code, ...answer }),
    serve: (exchange, liquidations) => act(`${exchange}/serve`, { liquidations }),
    unlist: (exchange, contracts) => act(`${exchange}/unlist`, { contracts }),
    withdraw: (exchange, silently = false) => act(`${exchange}/withdraw`, { silently }),
    send: (exchange, text) => act(`${exchange}/send`, { text }),
  };
}
