import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { ESTIMATED_TOTAL_FIELDS } from "../../../src/estimates/estimated-total-fields.ts";
import { readStoredRows } from "../../../src/parquet/decode.ts";
import { writeMinuteEstimates } from "../../../workers/d1/estimate-writes.ts";
import { rawApiClient } from "../api/api-client.ts";
import { emptyStorage } from "../empty-storage.ts";
import { COMPLETE, WITHHELD, plantEstimates, planted } from "../planted-estimates.ts";
import { DAY } from "../sample-liquidation.ts";
import { ADMIN_TOKEN, ended, exportClient } from "./exports-stage.ts";

const NOW = DAY + 3 * HOUR_MS;
const FROM = DAY + HOUR_MS;
const SETTLED = FROM + 40 * MINUTE_MS;
const call = exportClient(NOW);
const RANGE = { kind: "estimated_totals", start: DAY, end: NOW };

async function exported(body: object) {
  const { status, body: reply } = await call("POST", "/v1/exports", { ...RANGE, ...body });
  if (status !== 202) throw new Error(JSON.stringify(reply));
  const data = await ended(call, reply.data.export_id);
  const [file] = data.downloads as readonly { readonly path: string; readonly name: string; readonly sha256: string }[];
  const response = await rawApiClient(NOW, { ADMIN_TOKEN })(file?.path ?? "", { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
  return { manifest: data.manifest, file, bytes: new Uint8Array(await response.arrayBuffer()) };
}
const estimate = async (body: object) => (await call("POST", "/v1/exports/estimate", { ...RANGE, format: "csv", ...body })).body.data;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

beforeEach(async () => {
  const minute = new Map([
    ["ETH", [planted()]],
    ["BTC", [COMPLETE, WITHHELD]],
  ]);
  await plantEstimates(FROM, 40, minute);
});
afterEach(emptyStorage);

describe("an export of estimated totals", () => {
  test("has each minute by base asset, venue and side, with method, status and reason, and says what it lacks", async () => {
    const { manifest, file, bytes } = await exported({ format: "parquet" });
    const [rows] = readStoredRows(ESTIMATED_TOTAL_FIELDS, bytes);
    expect(rows?.length).toBe(120);
    expect(file?.name).toBe("estimated_totals_20261120T000000Z_20261120T030000Z.parquet");
    expect(manifest.files[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(manifest).toMatchObject({
      rows: 120,
      first_event_time: FROM,
      last_event_time: SETTLED - MINUTE_MS,
      exchanges: { binance: { rows: 40 }, bybit: { rows: 40 }, okx: { rows: 40 } },
      not_covered: [
        { start: DAY, end: FROM, code: "no_estimates" },
        { start: SETTLED, end: NOW, code: "not_stored_yet" },
      ],
    });
  });

  test("has the base assets, venues, sides and columns that are asked for, and nothing in place of a withheld number", async () => {
    const one = { end: FROM + MINUTE_MS };
    const all = JSON.parse(text((await exported({ ...one, format: "json" })).bytes));
    expect(all).toEqual([
      { minute: FROM, symbol: "BTC", ...COMPLETE },
      { minute: FROM, symbol: "BTC", ...WITHHELD },
      { minute: FROM, symbol: "ETH", ...planted() },
    ]);
    const columns = ["minute", "estimated_usd", "method", "status"];
    const csv = await exported({ ...one, format: "csv", columns, symbols: ["BTC"], side: "short" });
    expect(text(csv.bytes)).toBe(`minute,estimated_usd,method,status\r\n${FROM},,${WITHHELD.method},withheld\r\n`);
    const empty = await exported({ format: "parquet", exchanges: ["gate"] });
    expect([empty.manifest.rows, readStoredRows(ESTIMATED_TOTAL_FIELDS, empty.bytes).reduce((sum, { length }) => sum + length, 0)]).toEqual(
      [0, 0],
    );
  });

  test("names minutes that could not be estimated, and is estimated by its newest half hour", async () => {
    const lost = [0, 1].map((index) => ({ time: SETTLED + index * MINUTE_MS, estimates: null }));
    await writeMinuteEstimates(env.DB, lost, { from: FROM, settled: SETTLED + 2 * MINUTE_MS });
    const { manifest } = await exported({ format: "ndjson", start: SETTLED - MINUTE_MS, end: SETTLED + 2 * MINUTE_MS });
    expect(manifest).toMatchObject({ rows: 3, not_covered: [{ start: SETTLED, end: SETTLED + 2 * MINUTE_MS, code: "no_estimates" }] });
    expect(await estimate({ start: FROM, end: FROM + 10 * MINUTE_MS })).toMatchObject({ rows: 30, exact: true });
    expect(await estimate({ start: FROM, end: SETTLED })).toMatchObject({ rows: 120, exact: false });
  });

  test.each(["min_usd", "include"])("with %s is refused by name", async (parameter) => {
    const { status, body } = await call("POST", "/v1/exports", {
      ...RANGE,
      format: "csv",
      [parameter]: parameter === "min_usd" ? 5 : "inferred",
    });
    expect([status, body.errors]).toMatchObject([400, [{ parameter, detail: "does not apply to estimated_totals" }]]);
  });
});
