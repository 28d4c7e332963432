import { afterAll, beforeAll, describe } from "vitest";
import { type Dashboard, startDashboard } from "./dashboard/dashboard.ts";
import { dataTests } from "./dashboard/data.ts";
import { cascadesTests } from "./dashboard/cascades.ts";
import { alertsTests } from "./dashboard/alerts.ts";
import { liveTests } from "./dashboard/live.ts";
import { shellTests } from "./dashboard/shell.ts";
import { rulesTests } from "./dashboard/rules.ts";
import { statusTests } from "./dashboard/status.ts";
import { streamTests } from "./dashboard/stream.ts";
import { tablesTests } from "./dashboard/tables.ts";
import { signalsTests } from "./dashboard/signals.ts";
import { venuesTests } from "./dashboard/venues.ts";

/**
 * The dashboard in a real browser, before the built Worker and simulated venues, which all tests here share. A screen adds its
 * tests as a function of its own in `dashboard/`, and one line below.
 */
let shared: Dashboard;

beforeAll(async () => {
  shared = await startDashboard();
}, 240_000);
afterAll(() => shared.stop());

describe("cascades", () => cascadesTests(() => shared));
describe("live", () => liveTests(() => shared));
describe("stream", () => streamTests(() => shared));
describe("alerts", () => alertsTests(() => shared));
describe("status", () => statusTests(() => shared));
describe("shell", () => shellTests(() => shared));
describe("data", () => dataTests(() => shared));
describe("signals", () => signalsTests(() => shared));
describe("rules", () => rulesTests(() => shared));
describe("venues", () => venuesTests(() => shared));
describe("tables", () => tablesTests(() => shared));
