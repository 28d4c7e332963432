import { expect, test } from "vitest";
import { startParquetWorker } from "../../../scripts/bench/start-parquet-worker.ts";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";

/** The test plug-in lets code be compiled from text, a deployed Worker does not; hence a Worker built and run as deployed. */
test("a built Worker, which refuses code from text, writes the very bytes Node writes and reads them back", async () => {
  loadParquet();
  const rows = JSON.parse(JSON.stringify(sampleLiquidations(200))) as ReturnType<typeof sampleLiquidations>;
  await using worker = await startParquetWorker();
  expect(await (await worker.post("/compiles-text", null)).json()).toBe(false);
  expect(await (await worker.post("/round-trip", rows)).json()).toEqual(rows);
  const file = await (await worker.post("/encode?times=2", rows)).arrayBuffer();
  expect(Buffer.from(file).equals(encodeLiquidations(rows, { metadata: {} }))).toBe(true);
});
