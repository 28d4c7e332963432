import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { FORECAST_MODEL_KEY } from "../../src/cascade-forecast/forecast-model-file.ts";
import { installedForecastModel } from "../../workers/forecasts/installed-forecast-model.ts";
import { forecastModel } from "../unit/cascade-forecast/forecast-model.ts";
import { emptyStorage } from "./empty-storage.ts";

async function database(): Promise<object> {
  const { results: schema } = await env.DB.prepare("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").all();
  const migrations = await env.DB.prepare("SELECT id, name FROM d1_migrations ORDER BY id").raw();
  const rows = await env.DB.prepare("SELECT * FROM hot_events").raw();
  const outages = await env.DB.prepare("SELECT * FROM feed_outages").raw();
  return { schema, migrations, rows, outages };
}

test("empty storage has the D1 that the migrations make, and nothing that was stored", async () => {
  await emptyStorage();
  await env.BUCKET.put("left", "over");
  await env.DB.prepare("INSERT INTO feed_outages (exchange, since, announced) VALUES ('okx', 1, 0)").run();
  await emptyStorage();
  const copied = await database();
  expect((await env.BUCKET.list()).objects).toEqual([]);
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  expect(copied).toEqual(await database());
});

test("the isolate remembers nothing of storage that was emptied since", async () => {
  const now = Date.now();
  expect((await installedForecastModel(env.BUCKET, now)).model).toBeNull();
  await emptyStorage();
  const model = await forecastModel();
  await env.BUCKET.put(FORECAST_MODEL_KEY, JSON.stringify(model));
  expect((await installedForecastModel(env.BUCKET, now)).model).toEqual(model);
});
