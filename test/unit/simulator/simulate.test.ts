import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";

const MAIN = fileURLToPath(new URL("../../../scripts/simulate.ts", import.meta.url));

test("as a process the venues print their addresses on one line, serve, and end on SIGTERM", async () => {
  const child = spawn(process.execPath, [MAIN, "--seed", "3", "--rate", "0", "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { control, venues, environment } = JSON.parse(line.toString()) as {
    control: string;
    venues: Record<string, { ws: string; rest: string }>;
    environment: Record<string, string>;
  };
  expect(environment["OKX_WS_URL"]).toBe(venues["okx"]?.ws);
  expect((await fetch(`${venues["binance"]?.rest}/fapi/v1/exchangeInfo`)).status).toBe(200);
  expect(await (await fetch(`${control}/control/status`)).json()).toHaveLength(EXCHANGES.length);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});
