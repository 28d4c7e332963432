import { expect, test } from "vitest";
import { openStage } from "./stage.ts";

const TOPIC = "public.*.liquidation_orders";

test("a client that answers pings with their own text stays; one that answers with a number is closed after five", async () => {
  const stage = await openStage();
  const address = `${stage.venues.htx.urls.ws}/linear-swap-notification`;
  const [good, bad] = [await stage.connect(address), await stage.connect(address)];
  for (let round = 0; round < 7; round += 1) {
    stage.advance(5000);
    const { ts } = (await good.nextJson('"op":"ping"')) as { ts: string };
    expect(ts).toBe(String(stage.now()));
    good.send({ op: "pong", ts });
    if (round < 5) bad.send({ op: "pong", ts: Number(ts) });
    // An answer of the venue shows that it has read all before it.
    await good.ask({ op: "sub", topic: TOPIC, cid: `c${round}` }, `"c${round}"`);
  }
  expect((await bad.closed).code).toBe(1000);
  expect(stage.venues.htx.connections()).toBe(1);
});

test("a second subscription is answered with 2014, an unknown topic with an error, and nothing more happens", async () => {
  const stage = await openStage();
  const client = await stage.connect(`${stage.venues.htx.urls.ws}/linear-swap-notification`);
  expect(await client.ask({ op: "sub", topic: TOPIC, cid: "a" }, '"a"')).toContain('"err-code":0');
  expect(await client.ask({ op: "sub", topic: TOPIC, cid: "b" }, '"b"')).toContain('"err-code":2014');
  expect(await client.ask({ op: "sub", topic: "public.NOPE-USDT.funding_rate", cid: "c" }, '"c"')).toContain('"err-code":2011');
  stage.venues.htx.liquidate({ symbol: "ETH", side: "short", usd: 12_000, copies: 2 });
  stage.advance(200);
  const { data } = (await client.nextJson('"notify"')) as { data: readonly Record<string, unknown>[] };
  expect(data).toHaveLength(2);
  expect(data[0]).toMatchObject({ contract_code: "ETH-USDT", direction: "buy", offset: "close" });
  const { amount, price, trade_turnover } = data[0] as Record<string, number>;
  expect(trade_turnover).toBeCloseTo((amount ?? 0) * (price ?? 0), 6);
});
