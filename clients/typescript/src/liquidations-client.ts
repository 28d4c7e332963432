import createClient, {
  type Client,
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
  type ParseAs,
} from "openapi-fetch";
import type { NewExport, paths } from "./api.d.ts";
import { type Day, type DayKinds, readDay } from "./days.ts";
import { type ExportOptions, type FinishedExport, runExport } from "./export-job.ts";
import { type LedgerOptions, type LedgerReport, verifyLists } from "./ledger.ts";
import { List, type ListPath, type ListQuery, type Page, type RowOf } from "./lists.ts";
import { LiquidationStream } from "./stream/liquidation-stream.ts";
import type { StreamOptions } from "./stream/stream-options.ts";
import { type ClientOptions, Transport } from "./transport.ts";

type Api = Client<paths>;
/** What follows the path: nothing has to, where nothing of it is required. */
type Rest<Init> = undefined extends Init ? [init?: Init] : [init: Init];

/**
 * Calls an operation by its path, with `{ params, body }` as in openapi-fetch.
 * @returns the answer's body: `{ data, meta }`
 * @throws {ApiError} a class for each code
 */
export type Call<Method extends "get" | "post" | "patch" | "delete"> = <
  Path extends ClientPathsWithMethod<Api, Method>,
  Init extends MaybeOptionalInit<paths[Path], Method>,
>(
  path: Path,
  ...init: Rest<Init>
) => Promise<MethodResponse<Api, Method, Path, Init>>;

/** Input takes about 20 kB of a decision. */
const DECISIONS_PER_PAGE = 100;
const MAX_PER_PAGE = 1_000;

/** A client of one Worker: its API, its live stream and its files. */
export class LiquidationsClient {
  readonly get: Call<"get">;
  readonly post: Call<"post">;
  readonly patch: Call<"patch">;
  readonly delete: Call<"delete">;
  readonly #transport: Transport;

  /** @throws {RangeError} where an option is not allowed */
  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
    const api: Api = createClient<paths>({ baseUrl: this.#transport.url });
    this.get = bodyOf(this.#transport, api.GET) as Call<"get">;
    this.post = bodyOf(this.#transport, api.POST) as Call<"post">;
    this.patch = bodyOf(this.#transport, api.PATCH) as Call<"patch">;
    this.delete = bodyOf(this.#transport, api.DELETE) as Call<"delete">;
  }

  /** A list of the API, to iterate over to its end: `client.list("/v1/cascades", { symbol: "BTC" })`. */
  list<Path extends ListPath>(path: Path, query: ListQuery<Path>, params: Readonly<Record<string, string>> = {}): List<RowOf<Path>> {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
    return new List((cursor) => this.#json<Page<RowOf<Path>>>(filled, { ...query, ...(cursor === null ? {} : { cursor }) }));
  }

  /** Liquidations; by default those of the last 24 h, newest first. */
  liquidations(query: ListQuery<"/v1/liquidations"> = {}): List<RowOf<"/v1/liquidations">> {
    return this.list("/v1/liquidations", { limit: MAX_PER_PAGE, ...query });
  }

  /** Cascades; by default those of the last 7 days, newest first. */
  cascades(query: ListQuery<"/v1/cascades"> = {}): List<RowOf<"/v1/cascades">> {
    return this.list("/v1/cascades", query);
  }

  /** Decisions of the analyst, newest first. */
  signals(query: ListQuery<"/v1/signals"> = {}): List<RowOf<"/v1/signals">> {
    return this.list("/v1/signals", query);
  }

  /** Gaps of the venues; by default those of the last 7 days, newest first. */
  gaps(query: ListQuery<"/v1/gaps"> = {}): List<RowOf<"/v1/gaps">> {
    return this.list("/v1/gaps", query);
  }

  /** The days that have a file, newest first. */
  days(query: ListQuery<"/v1/datasets"> = {}): List<RowOf<"/v1/datasets">> {
    return this.list("/v1/datasets", query);
  }

  /** The live stream: what happens as it happens, over reconnects. */
  stream(options: StreamOptions = {}): LiquidationStream {
    return new LiquidationStream(this.#transport, options);
  }

  /**
   * Downloads a UTC day's file and its manifest, and compares their SHA-256.
   * @param date such as `2026-11-01`
   * @throws {HashMismatchError} where they differ
   */
  day<Kind extends keyof DayKinds = "liquidations">(date: string, kind?: Kind): Promise<Day<Kind>> {
    return readDay<Kind>({
      manifest: async () => {
        const path = `/v1/datasets/${encodeURIComponent(date)}`;
        const { data } = await this.#json<{ readonly data: DayKinds[Kind]["manifest"] }>(path, kind === undefined ? {} : { kind });
        return data;
      },
      download: (path) => this.#download(path),
    });
  }

  /** Creates an export and waits until it is done. @throws {ExportFailedError} */
  export(request: NewExport, options: ExportOptions = {}): Promise<FinishedExport> {
    return runExport(
      {
        create: async (body, key) => (await this.post("/v1/exports", { body, params: { header: { "Idempotency-Key": key } } })).data,
        read: async (id) => (await this.get("/v1/exports/{id}", { params: { path: { id } } })).data,
        download: (path) => this.#download(path),
      },
      request,
      options,
    );
  }

  /** Recomputes the ledger of decisions and grades on this machine, from the records themselves. */
  verifyLedger(options: LedgerOptions = {}): Promise<LedgerReport> {
    const decisions = this.list("/v1/signals", { order: "asc", include: "statistics", limit: DECISIONS_PER_PAGE });
    const grades = this.list("/v1/signals/grades", { order: "asc", limit: MAX_PER_PAGE });
    return verifyLists({ decisions: decisions.pages(), grades: grades.pages() }, options);
  }

  async #json<Body>(path: string, query: Readonly<Record<string, unknown>>): Promise<Body> {
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
    const request = new Request(`${this.#transport.url}${path}?${new URLSearchParams(given).toString()}`);
    return (await this.#transport.send(request)) as Body;
  }

  async #download(path: string): Promise<ArrayBuffer> {
    return (await this.#transport.send(new Request(this.#transport.url + path), "arrayBuffer")) as ArrayBuffer;
  }
}

/** A method of openapi-fetch that makes the request only: the transport reads the answer, and asks again where it breaks off. */
function bodyOf(transport: Transport, call: unknown): unknown {
  const method = call as (path: string, init: object) => Promise<unknown>;
  return async (path: string, init: { readonly parseAs?: ParseAs } = {}) => {
    let body: unknown;
    const fetch = async (request: Request) => {
      body = await transport.send(request, init.parseAs);
      return new Response(null, { status: 204 });
    };
    await method(path, { ...init, fetch });
    return body;
  };
}
