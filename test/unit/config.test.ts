import { describe, expect, test } from "vitest";
import { ConfigError, parseConfig } from "../../src/config.ts";

function messageOf(env: Record<string, unknown>): string {
  try {
    parseConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error("accepted");
}

describe("parseConfig", () => {
  test("an empty environment gives the documented defaults", () => {
    const config = parseConfig({});
    expect(config.LIQUIDATION_EXCHANGES).toEqual(["binance", "bybit", "okx", "kucoin", "bitfinex", "gate", "bitget", "htx"]);
    expect(config.LIQUIDATION_SYMBOLS).toEqual(new Set(["BTC", "ETH", "SOL"]));
    expect(config).toMatchObject({
      LIQUIDATION_BATCH_INTERVAL_SECONDS: 10,
      LIQUIDATION_CLOUD_SYNC_INTERVAL_SECONDS: 60,
      LIQUIDATION_CLOUD_SYNC_BATCH_SIZE: 100,
      LIQUIDATION_LOCAL_RETENTION_HOURS: 24,
      LIQUIDATION_DAILY_RETENTION_DAYS: 0,
      LIQUIDATION_COMPARISON_WINDOW: 15,
      LIQUIDATION_THRESHOLD: 0.5,
      LIQUIDATION_SPIKE_FLOOR_USD: 100_000,
      LIQUIDATION_CASCADE_USD: 1_000_000,
      LIQUIDATION_SIGNAL_COOLDOWN_MINUTES: 15,
      LIQUIDATION_AI_MODEL: "deepseek-flash",
      LIQUIDATION_AI_TEMPERATURE: 0.7,
      LIQUIDATION_AI_MAX_TOKENS: 150,
      PUBLIC_READ: true,
      ANSWER_CACHE: true,
      DEEPSEEK_KEY: null,
      COINALYZE_KEY: null,
    });
    expect(config.venues.okx).toEqual({
      endpoints: { ws: "https://ws.okx.com", rest: "https://www.okx.com" },
      inferred: false,
    });
    expect(config.venues.kucoin).toEqual({
      endpoints: { ws: "https://x-push-futures.kucoin.com", rest: "https://api-futures.kucoin.com" },
      inferred: false,
    });
  });

  test("values are read as people write them", () => {
    const config = parseConfig({
      LIQUIDATION_EXCHANGES: " OKX, binance ,okx",
      LIQUIDATION_SYMBOLS: "btc, pepe",
      LIQUIDATION_THRESHOLD: "0.25",
      PUBLIC_READ: "FALSE",
      BINANCE_WS_URL: "http://127.0.0.1:9100/",
      KUCOIN_UTA_WS_URL: "http://127.0.0.1:9103",
      KUCOIN_INFERRED: "True",
      LIQUIDATION_LOCATION_HINTS: "binance=apac-ne,bitfinex=weur",
      SUPABASE_SECRET_KEY: " key ",
      DEEPSEEK_KEY: "",
    });
    expect(config.LIQUIDATION_EXCHANGES).toEqual(["binance", "okx"]);
    expect(config.LIQUIDATION_SYMBOLS).toEqual(new Set(["BTC", "PEPE"]));
    expect(config).toMatchObject({ LIQUIDATION_THRESHOLD: 0.25, PUBLIC_READ: false });
    expect(config.venues.binance.endpoints.ws).toBe("http://127.0.0.1:9100");
    expect(config.venues.kucoin).toMatchObject({ endpoints: { ws: "http://127.0.0.1:9103" }, inferred: true });
    expect([...config.LIQUIDATION_LOCATION_HINTS]).toEqual([
      ["binance", "apac-ne"],
      ["bitfinex", "weur"],
    ]);
    expect(config.SUPABASE_SECRET_KEY).toBe("key");
    expect(config.DEEPSEEK_KEY).toBeNull();
    expect(parseConfig({ LIQUIDATION_SYMBOLS: "*" }).LIQUIDATION_SYMBOLS).toBe("*");
  });

  test.each([
    ["LIQUIDATION_EXCHANGES", "binance,ftx", "binance, bybit, okx, kucoin, bitfinex"],
    ["LIQUIDATION_EXCHANGES", ",", "at least one venue"],
    ["LIQUIDATION_SYMBOLS", "BTC,*", "either * alone"],
    ["LIQUIDATION_SYMBOLS", "BTC-USDT", "such as BTC,ETH,SOL"],
    ["LIQUIDATION_BATCH_INTERVAL_SECONDS", "0", "a whole number from 1 to 60"],
    ["LIQUIDATION_BATCH_INTERVAL_SECONDS", "2.5", "a whole number from 1 to 60"],
    ["LIQUIDATION_CLOUD_SYNC_BATCH_SIZE", "1001", "a whole number from 1 to 1000"],
    ["LIQUIDATION_LOCAL_RETENTION_HOURS", "12", "a whole number from 24 to 720"],
    ["LIQUIDATION_THRESHOLD", "-0.5", "a number above 0"],
    ["LIQUIDATION_THRESHOLD", "fifty", "a number above 0"],
    ["LIQUIDATION_AI_TEMPERATURE", "3", "a number from 0 to 2"],
    ["LIQUIDATION_LOCATION_HINTS", "mars", "one of wnam"],
    ["LIQUIDATION_LOCATION_HINTS", "ftx=apac", "venue=hint"],
    ["LIQUIDATION_OBJECTS", "okx+ftx", "joined by +"],
    ["LIQUIDATION_OBJECTS", "okx+kucoin,okx", "at most once"],
    ["LIQUIDATION_OBJECTS", "okx+", "joined by +"],
    ["BYBIT_WS_URL", "wss://stream.bybit.com", "http:// or https://"],
    ["KUCOIN_UTA_WS_URL", "wss://x", "http:// or https://"],
    ["KUCOIN_INFERRED", "maybe", "true or false"],
    ["SUPABASE_URL", "https://user:word@x.supabase.co", "without user"],
    ["PUBLIC_READ", "yes", "true or false"],
  ])("%s = %j is refused by a message with the name, the value and what is allowed", (name, value, allowed) => {
    const message = messageOf({ [name]: value });
    expect(message).toContain(name);
    expect(message).toContain(JSON.stringify(value));
    expect(message).toContain(allowed);
  });

  test.each([
    ["SUPABASE_URL", "http://db.example.com"],
    ["DEEPSEEK_BASE_URL", "http://api.deepseek.com"],
    ["DEEPSEEK_BASE_URL", "http://10.0.0.7:8000"],
    ["TELEGRAM_BASE_URL", "http://localhost.example.com"],
    ["DISCORD_WEBHOOK_URL", "http://discord.com/api/webhooks/1/s3cret"],
    ["DISCORD_WEBHOOK_URL", "discord"],
  ])("%s = %j is refused, because it is sent a secret in the clear", (name, value) => {
    const message = messageOf({ [name]: value });
    expect(message).toContain(`${name} is `);
    expect(message).toContain("allowed: an https:// address, or http:// of this machine (localhost, 127.0.0.1, [::1])");
    expect(message).not.toContain("s3cret");
  });

  test.each(["https://db.example.com", "http://127.0.0.1:54321", "http://localhost:1", "http://[::1]:1"])(
    "a secret may be sent to %s",
    (url) => {
      const config = { SUPABASE_URL: url, DEEPSEEK_BASE_URL: url, TELEGRAM_BASE_URL: url, DISCORD_WEBHOOK_URL: url };
      expect(parseConfig(config)).toMatchObject(config);
    },
  );

  test("an ADMIN_TOKEN that could be guessed is refused, and not repeated", () => {
    const message = messageOf({ ADMIN_TOKEN: `s3cret${"x".repeat(25)}` });
    expect(message).toBe("ADMIN_TOKEN is (a secret); allowed: at least 32 characters, such as those of: openssl rand -hex 32");
    expect(messageOf({ ADMIN_TOKEN: `  ${"x".repeat(31)}  ` })).toContain("at least 32 characters");
    expect(parseConfig({ ADMIN_TOKEN: "x".repeat(32) }).ADMIN_TOKEN).toHaveLength(32);
    expect(parseConfig({ ADMIN_TOKEN: " " }).ADMIN_TOKEN).toBeNull();
    expect(messageOf({ ADMIN_TOKEN_PREVIOUS: "x".repeat(31) })).toContain("ADMIN_TOKEN_PREVIOUS is (a secret); allowed: at least 32");
  });

  test("a window that no percentile can rank is refused while percentiles count", () => {
    const window = { LIQUIDATION_COMPARISON_WINDOW: "20" };
    expect(messageOf(window)).toContain('LIQUIDATION_COMPARISON_WINDOW is "20"; allowed: a multiple of 15 up to 240');
    expect(parseConfig({ ...window, LIQUIDATION_SPIKE_PERCENTILE: "0" }).LIQUIDATION_COMPARISON_WINDOW).toBe(20);
    expect(parseConfig({ LIQUIDATION_COMPARISON_WINDOW: "240" }).LIQUIDATION_COMPARISON_WINDOW).toBe(240);
  });

  test("every bad variable is named, each on a line of its own", () => {
    const lines = messageOf({ PUBLIC_READ: "maybe", LIQUIDATION_THRESHOLD: "x" }).split("\n");
    expect(lines.map((line) => line.split(" ")[0]).toSorted()).toEqual(["LIQUIDATION_THRESHOLD", "PUBLIC_READ"]);
  });
});
