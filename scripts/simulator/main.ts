import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { CascadeScript } from "./cascade-script.ts";
import { startControl } from "./control.ts";
import { environment, startVenues } from "./start-venues.ts";

/**
 * The five venues as a process:
 * `node scripts/simulator/main.ts --seed 1 --rate 2 --port 9100 --cascade script.json --shares binance=0.1,bybit=0.5`.
 * `--rate` counts liquidations before Binance's sampling; its share decides how much of them reaches the wire.
 * Prints one line of JSON with all addresses and runs until it is told to end. The control server listens on the
 * port after the venues' five.
 */

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    rate: { type: "string", default: "2" },
    port: { type: "string", default: "0" },
    cascade: { type: "string" },
    shares: { type: "string", default: "" },
  },
});

const port = Number(values.port);
const cascade = values.cascade === undefined ? {} : { cascade: JSON.parse(readFileSync(values.cascade, "utf8")) as CascadeScript };
const parts = values.shares.split(",").filter((part) => part !== "");
const shares = Object.fromEntries(parts.map((part) => part.split("=")).map(([name, share]) => [name, Number(share)]));
const venues = await startVenues({ seed: Number(values.seed), rate: Number(values.rate), port, shares, ...cascade });
const control = await startControl(venues, port === 0 ? 0 : port + 5);
const addresses = Object.fromEntries(venues.all().map(({ name, urls }) => [name, urls]));
console.log(JSON.stringify({ control: control.url, venues: addresses, environment: environment(venues) }));

let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  void Promise.all([control.stop(), venues.stop()]).then(() => process.exit(0));
};
process.on("SIGTERM", end);
process.on("SIGINT", end);
