import { request } from "node:http";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalWorker } from "../../scripts/local-worker.ts";
import { environment, startVenues, type Venues } from "../../scripts/simulator/start-venues.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";

let stateDir: string;
let venues: Venues;
let worker: LocalWorker;
let log: string[];

beforeAll(async () => {
  stateDir = await newState();
  venues = await startVenues({ rate: 0 });
  log = [];
  worker = await startBuiltWorker(stateDir, environment(venues), (line) => void log.push(line));
});

afterAll(async () => {
  await worker?.stop();
  await venues?.stop();
  await rm(stateDir, { recursive: true, force: true });
});

const jobs = () => log.filter((line) => line.startsWith('{"event":"job"')).length;

test("a page in a browser cannot start the jobs of any time", async () => {
  for (const path of ["/cdn-cgi/handler/scheduled", "/cdn-cgi/local/scheduled", "/cdn-cgi/mf/scheduled", "/__scheduled"]) {
    for (const query of ["", `?time=${Date.now()}`, `?cron=*+*+*+*+*&time=${Date.now() + 400 * 86_400_000}`]) {
      const response = await fetch(`${worker.url}${path}${query}`);
      expect(response.ok, `${path}${query} answered ${response.status}`).toBe(false);
    }
  }
  expect(jobs()).toBe(0);
  await expect(worker.tick(new Date(0))).rejects.toThrow("cron run answered 500");
  expect(jobs()).toBe(0);
  await worker.tick(new Date());
  expect(jobs()).toBeGreaterThan(5);
});

const status = (headers: Record<string, string>) =>
  new Promise<number>((resolve, reject) => {
    request(`${worker.url}/cdn-cgi/local/scheduled`, { headers }, (response) => resolve(response.resume().statusCode ?? 0))
      .on("error", reject)
      .end();
  });

test("pages of other hosts and origins are refused, and there is no explorer of the stores", async () => {
  expect(await status({ Host: "attacker.example" })).toBe(403);
  expect(await status({ Origin: "https://attacker.example" })).toBe(403);
  for (const path of ["", "/api", "/api/d1/database", "/api/local/workers"]) {
    expect((await fetch(`${worker.url}/cdn-cgi/local/explorer${path}`)).status, path).toBe(404);
  }
});
