import * as z from "zod";
import type { ExchangeName } from "./liquidation.ts";
import { EXCHANGES } from "./liquidation-fields.ts";
import type { Exchange } from "./exchanges/exchange.ts";
import { exchanges } from "./exchanges/registry.ts";
import { type VenueVariables, venueVariables } from "./exchanges/venue-variables.ts";
import { type FeedObjects, OWN_OBJECTS, readFeedObjects } from "./feed-objects.ts";
import { LOCATION_HINTS, type LocationHint } from "./location-hint.ts";
import { TAKER_FEES_BPS, type TakerFees } from "./grades/taker-fees.ts";
import { PRICED, type Prices } from "./prices.ts";
import { SECURE_ADDRESS, isSecureAddress } from "./secure-address.ts";
import { FALLBACKS } from "./signals/verdict.ts";
import { CHANGE_LOGS, PROBED_ADDRESSES, readVenueAddresses } from "./venue-watch/venue-pages.ts";
import { HOUR_MS, MINUTE_MS } from "./windows/calendar.ts";
import { QUARTER_HOUR_MS } from "./windows/quarter-hour.ts";
import { LONGEST_WINDOW_MS } from "./windows/window.ts";
import { RELAYS_ALLOWED, relayNames } from "./stream/relay-names.ts";

/**
 * Every variable of the Worker, with its default: the schema behind `[vars]` of wrangler.toml and the secrets. An
 * invalid value stops the Worker with a message that names the variable, the value and what is allowed.
 */

const upperList = (name: string) =>
  z.string().transform((text, context): readonly string[] => {
    const names = [
      ...new Set(
        text
          .split(",")
          .map((part) => part.trim().toUpperCase())
          .filter((part) => part !== ""),
      ),
    ];
    if (names.length === 0) context.addIssue({ code: "custom", message: `at least one ${name}` });
    return names;
  });

const number = (allowed: string, accept: (value: number) => boolean) =>
  z.union([z.string(), z.number()]).transform((raw, context): number => {
    const value = typeof raw === "string" && raw.trim() === "" ? Number.NaN : Number(raw);
    if (!Number.isFinite(value) || !accept(value)) {
      context.addIssue({ code: "custom", message: allowed });
      return z.NEVER;
    }
    return value;
  });

const wholeNumber = (least: number, most: number) =>
  number(`a whole number from ${least} to ${most}`, (value) => Number.isInteger(value) && value >= least && value <= most);

const baseAddress = (allowed: string, accept: (url: URL) => boolean) =>
  z.string().transform((text, context): string => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !accept(url) || url.username !== "" || url.search !== "" || url.hash !== "") {
      context.addIssue({ code: "custom", message: `${allowed}; without user, query or fragment` });
      return z.NEVER;
    }
    return text.replace(/\/+$/, "");
  });

/** The base address of a venue, which is sent no secret. */
const address = baseAddress("an http:// or https:// address", ({ protocol }) => protocol === "http:" || protocol === "https:");

/** The base address of a service that is sent a secret. */
const secureAddress = baseAddress(SECURE_ADDRESS, isSecureAddress);

const flag = z.union([z.boolean(), z.string()]).transform((raw, context): boolean => {
  const text = String(raw).toLowerCase();
  if (text !== "true" && text !== "false") context.addIssue({ code: "custom", message: "true or false" });
  return text === "true";
});

const exchangeList = upperList("venue").transform((names, context): readonly ExchangeName[] => {
  const known: readonly string[] = EXCHANGES;
  const lower = names.map((name) => name.toLowerCase());
  if (lower.some((name) => !known.includes(name))) {
    context.addIssue({ code: "custom", message: `a comma-separated list of ${EXCHANGES.join(", ")}` });
  }
  return EXCHANGES.filter((name) => lower.includes(name));
});

const symbolSet = upperList("base asset, or *").transform((names, context): ReadonlySet<string> | "*" => {
  if (names.includes("*")) {
    if (names.length > 1) context.addIssue({ code: "custom", message: "either * alone or a comma-separated list of base assets" });
    return "*";
  }
  if (names.some((name) => !/^[\p{L}\p{N}]{1,20}$/u.test(name))) {
    context.addIssue({ code: "custom", message: "a comma-separated list of base assets such as BTC,ETH,SOL, or *" });
  }
  return new Set(names);
});

/** `apac`, or one hint per venue: `binance=apac,bitfinex=weur`. */
const locationHints = z.string().transform((text, context): ReadonlyMap<ExchangeName, LocationHint> => {
  const hints = new Map<ExchangeName, LocationHint>();
  for (const part of text.split(",").map((entry) => entry.trim().toLowerCase())) {
    const [left, right] = part.includes("=") ? part.split("=", 2) : [undefined, part];
    const hint = LOCATION_HINTS.find((known) => known === right);
    const targets = left === undefined ? EXCHANGES : EXCHANGES.filter((name) => name === left);
    if (hint === undefined || targets.length === 0) {
      context.addIssue({
        code: "custom",
        message: `one of ${LOCATION_HINTS.join(", ")}, or venue=hint pairs such as binance=apac,bitfinex=weur`,
      });
      return hints;
    }
    for (const name of targets) hints.set(name, hint);
  }
  return hints;
});

const sharing = EXCHANGES.filter((name) => exchanges[name].sharesObject === true);

/** An object of its own for each venue, and one for those that share theirs. */
const DEFAULT_OBJECTS: FeedObjects = new Map([...OWN_OBJECTS, ...sharing.map((name) => [name, sharing[0] ?? name] as const)]);

const feedObjects = z.string().transform((text, context): FeedObjects => {
  const objects = readFeedObjects(text, DEFAULT_OBJECTS);
  if (objects === null) {
    const message = `objects separated by commas, venues that share one joined by +, each of ${EXCHANGES.join(", ")} at most once`;
    context.addIssue({ code: "custom", message: `${message}, such as binance,bybit,okx+kucoin+bitfinex` });
  }
  return objects ?? OWN_OBJECTS;
});

const streamRelays = z.string().transform((text, context): readonly string[] => {
  const groups = text.split(",").map((part) => part.trim().toLowerCase());
  if (relayNames(groups) === null) context.addIssue({ code: "custom", message: RELAYS_ALLOWED });
  return groups;
});

/** Beyond it, a fee is a typing error. */
const MAX_TAKER_FEE_BPS = 100;

/** Venue=bps pairs; a venue that is not named keeps its fee of the table. */
const takerFees = z.string().transform((text, context): TakerFees => {
  const pairs = text.split(",").map((part) => part.trim().toLowerCase().split("="));
  const fees = pairs.flatMap(([name, bps = "", ...more]) => {
    const exchange = EXCHANGES.find((known) => known === name);
    const fee = bps.trim() === "" || more.length > 0 ? Number.NaN : Number(bps);
    return exchange !== undefined && Math.abs(fee) <= MAX_TAKER_FEE_BPS ? [[exchange, fee] as const] : [];
  });
  if (fees.length < pairs.length) {
    context.addIssue({
      code: "custom",
      message: `venue=fee pairs from -${MAX_TAKER_FEE_BPS} to ${MAX_TAKER_FEE_BPS} bps such as binance=4.5,bybit=5.5`,
    });
  }
  return { ...TAKER_FEES_BPS, ...Object.fromEntries(fees) };
});

/** Prices above this are a typing error. */
const MAX_PRICE = 1_000_000;

/** `rows=20,requests=1,gigabytes=0.1`; what is not named is free. */
const prices = z.string().transform((text, context): Prices => {
  const pairs = text.split(",").map((part) => part.trim().toLowerCase().split("="));
  const found = pairs.flatMap(([name, amount = "", ...more]) => {
    const priced = PRICED.find((known) => known === name);
    const price = amount.trim() === "" || more.length > 0 ? Number.NaN : Number(amount);
    return priced !== undefined && price >= 0 && price <= MAX_PRICE ? [[priced, price] as const] : [];
  });
  if (found.length < pairs.length || new Set(found.map(([name]) => name)).size < found.length) {
    const message = `prices from 0 to ${MAX_PRICE} of ${PRICED.join(", ")}, each at most once, such as rows=20,gigabytes=0.1`;
    context.addIssue({ code: "custom", message });
  }
  return Object.fromEntries(found);
});

/** An e-mail address or a page. */
const contact = z.string().transform((text, context): string => {
  const isPage = URL.canParse(text) && new URL(text).protocol === "https:";
  if (!isPage && !/^[^\s@<>"]{1,64}@[^\s@<>"]{1,255}$/.test(text)) {
    context.addIssue({ code: "custom", message: "an e-mail address, or an https:// address" });
  }
  return text;
});

const page = z.string().refine((text) => /^https:\/\/[^\s<>"]+$/.test(text) && URL.canParse(text), { error: "an https:// address" });

/** Addresses by venue, over their defaults. */
const venueAddresses = (defaults: ReadonlyMap<string, string>) =>
  z.string().transform((text, context): ReadonlyMap<string, string> => {
    const addresses = readVenueAddresses(text, defaults);
    if (addresses === null) {
      const message = `none, or venue=address pairs of ${[...defaults.keys()].join(", ")}, each address http:// or https:// or none`;
      context.addIssue({ code: "custom", message });
    }
    return addresses ?? new Map();
  });

const secret = z
  .string()
  .optional()
  .transform((text) => (text === undefined || text.trim() === "" ? null : text.trim()));

/** Shorter ones can be guessed: 32 characters of `openssl rand -hex` are 128 bits. */
export const MIN_ADMIN_TOKEN_LENGTH = 32;

const adminToken = secret.refine((text) => text === null || text.length >= MIN_ADMIN_TOKEN_LENGTH, {
  error: `at least ${MIN_ADMIN_TOKEN_LENGTH} characters, such as those of: openssl rand -hex 32`,
});

/** An address that is itself a password. */
const secretAddress = secret.refine((text) => text === null || (URL.canParse(text) && isSecureAddress(new URL(text))), {
  error: SECURE_ADDRESS,
});

const schema = z.object({
  LIQUIDATION_EXCHANGES: exchangeList.default(EXCHANGES.filter((name) => exchanges[name].collectedByDefault)),
  LIQUIDATION_SYMBOLS: symbolSet.default(new Set(["BTC", "ETH", "SOL"])),
  LIQUIDATION_BATCH_INTERVAL_SECONDS: wholeNumber(1, 60).default(10),
  /** Rows that seal a batch before its interval is over, which is also the most rows of a batch. */
  LIQUIDATION_BUFFER_SIZE: wholeNumber(1, 5_000).default(2_000),
  /** Size of a feed's storage, of which an object may have 10 GB. */
  LIQUIDATION_JOURNAL_MAX_MB: wholeNumber(1, 10_000).default(9_000),
  /** Seconds between two requests of a venue's REST history while it is not connected. */
  LIQUIDATION_CHECK_INTERVAL: wholeNumber(10, 3_600).default(120),
  LIQUIDATION_CLOUD_SYNC_INTERVAL_SECONDS: wholeNumber(1, 3600).default(60),
  LIQUIDATION_CLOUD_SYNC_BATCH_SIZE: wholeNumber(1, 1000).default(100),
  LIQUIDATION_LOCAL_RETENTION_HOURS: wholeNumber(LONGEST_WINDOW_MS / HOUR_MS, 720).default(LONGEST_WINDOW_MS / HOUR_MS),
  LIQUIDATION_DAILY_RETENTION_DAYS: wholeNumber(0, 36_500).default(0),
  /** 0 keeps none. */
  LIQUIDATION_RAW_RETENTION_DAYS: wholeNumber(0, 36_500).default(30),
  LIQUIDATION_EXPORT_RETENTION_DAYS: wholeNumber(1, 3_650).default(7),
  /** The daily files that need no API key. */
  FREE_SAMPLE: z.enum(["first-of-month", "none"], { error: "first-of-month or none" }).default("first-of-month"),
  /** 0 keeps everything. */
  LIQUIDATION_SUPABASE_RETENTION_DAYS: wholeNumber(0, 36_500).default(0),
  LIQUIDATION_COMPARISON_WINDOW: wholeNumber(1, 240).default(15),
  LIQUIDATION_THRESHOLD: number("a number above 0, such as 0.5 for +50 %", (value) => value > 0).default(0.5),
  /** 0 switches percentiles off: the rise alone decides. */
  LIQUIDATION_SPIKE_PERCENTILE: number("a number from 0 to 0.99, such as 0.9", (value) => value >= 0 && value <= 0.99).default(0.9),
  LIQUIDATION_SPIKE_FLOOR_USD: number("a number of at least 0", (value) => value >= 0).default(100_000),
  LIQUIDATION_CASCADE_USD: number("a number above 0", (value) => value > 0).default(1_000_000),
  LIQUIDATION_SIGNAL_COOLDOWN_MINUTES: wholeNumber(0, 1440).default(15),
  LIQUIDATION_TAKER_FEES_BPS: takerFees.default(TAKER_FEES_BPS),
  LIQUIDATION_AI_MODEL: z.string().trim().min(1, "the name of a model").default("deepseek-flash"),
  LIQUIDATION_AI_TEMPERATURE: number("a number from 0 to 2", (value) => value >= 0 && value <= 2).default(0.7),
  LIQUIDATION_AI_MAX_TOKENS: wholeNumber(1, 8192).default(150),
  /** Tokens of prompts and replies per UTC day; 0 turns the model off. */
  LIQUIDATION_AI_DAILY_TOKENS: wholeNumber(0, 1_000_000_000).default(350_000),
  /** Replies of the model to one spike that are averaged. */
  LIQUIDATION_AI_SAMPLES: wholeNumber(1, 10).default(1),
  /** Who decides where the model fails. */
  LIQUIDATION_AI_FALLBACK: z.enum(FALLBACKS, { error: FALLBACKS.join(" or ") }).default("nothing"),
  LIQUIDATION_LOCATION_HINTS: locationHints.default(new Map(EXCHANGES.map((name) => [name, exchanges[name].locationHint]))),
  /** Which venues share a Durable Object. */
  LIQUIDATION_OBJECTS: feedObjects.default(DEFAULT_OBJECTS),
  /** The pages on which venues announce changes of their APIs, each read once a day. */
  LIQUIDATION_CHANGE_LOGS: venueAddresses(CHANGE_LOGS).default(CHANGE_LOGS),
  /** The venues without a feed that are asked once a week whether they have one by now. */
  LIQUIDATION_PROBES: venueAddresses(PROBED_ADDRESSES).default(PROBED_ADDRESSES),
  LIQUIDATION_PLACEMENT_GENERATION: wholeNumber(1, 1_000_000).default(1),
  /** Groups of relays, `location:count`. */
  STREAM_RELAYS: streamRelays.default(["any:1"]),
  /** Clients of one relay. */
  STREAM_MAX_CLIENTS: wholeNumber(1, 30_000).default(5_000),
  DEEPSEEK_BASE_URL: secureAddress.default("https://api.deepseek.com"),
  COINALYZE_BASE_URL: secureAddress.default("https://api.coinalyze.net"),
  TELEGRAM_BASE_URL: secureAddress.default("https://api.telegram.org"),
  /** The address under which visitors see the dashboard, for links in messages. */
  PUBLIC_URL: secureAddress.optional().transform((url) => url ?? null),
  /** Terms of the data, for answers, manifests and the dashboard. */
  DATA_LICENCE_URL: page.optional().transform((url) => url ?? null),
  DATA_CONTACT: contact.optional().transform((text) => text ?? null),
  /** For estimates alone: nothing is charged. */
  DATA_PRICES: prices.optional().transform((found) => found ?? null),
  DATA_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, "three capital letters such as USD")
    .default("USD"),
  PUBLIC_READ: flag.default(true),
  /** Whether answers of reads are kept for some seconds. */
  ANSWER_CACHE: flag.default(true),
  /** Allows webhooks to loopback addresses. */
  LOCAL_DEVELOPMENT: flag.default(false),
  /** The only name under which cron runs are accepted; null where the platform's own cron calls. */
  LOCAL_CRON_KEY: secret,
  DEEPSEEK_KEY: secret,
  COINALYZE_KEY: secret,
  SUPABASE_URL: secureAddress.optional(),
  SUPABASE_SECRET_KEY: secret,
  ADMIN_TOKEN: adminToken,
  /** The token that ADMIN_TOKEN replaces, accepted too while clients change over. */
  ADMIN_TOKEN_PREVIOUS: adminToken,
  TELEGRAM_BOT_TOKEN: secret,
  TELEGRAM_CHAT_ID: secret,
  DISCORD_WEBHOOK_URL: secretAddress,
});

/** The settings of a venue. Its adapter names their variables (`venueVariables`) and the default addresses. */
const venueSchema = z
  .object({ ws: address, rest: address, inferred: flag.default(false) })
  .transform(({ ws, rest, inferred }) => ({ endpoints: { ws, rest }, inferred }));

export type VenueConfig = z.output<typeof venueSchema>;
export type Config = z.output<typeof schema> & { readonly venues: Readonly<Record<ExchangeName, VenueConfig>> };
export type ConfigName = keyof z.output<typeof schema>;
export const CONFIG_NAMES: readonly string[] = [
  ...schema.keyof().options,
  ...EXCHANGES.flatMap((name) => Object.values(venueVariables(exchanges[name]))).filter((name) => name !== null),
];

const SECRETS: ReadonlySet<string> = new Set([
  "DEEPSEEK_KEY",
  "COINALYZE_KEY",
  "SUPABASE_SECRET_KEY",
  "ADMIN_TOKEN",
  "ADMIN_TOKEN_PREVIOUS",
  "TELEGRAM_BOT_TOKEN",
  "DISCORD_WEBHOOK_URL",
  "LOCAL_CRON_KEY",
]);

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** A variable and its allowed values. */
interface Fault {
  readonly name: string;
  readonly allowed: string;
}

/**
 * Reads the configuration from the environment of the Worker. An empty text counts as not set.
 * @throws {ConfigError} one line per invalid variable: its name, its value (except secrets) and what is allowed
 */
export function parseConfig(env: Readonly<Record<string, unknown>>): Config {
  const given = Object.fromEntries(
    CONFIG_NAMES.flatMap((name) => (env[name] === undefined || env[name] === "" ? [] : [[name, env[name]]])),
  );
  const { data, error } = schema.safeParse(given);
  const faults = [...faultsOf(error, String), ...(data === undefined ? [] : unrankedWindow(data))];
  const venues = EXCHANGES.flatMap((name) => {
    const venue = readVenue(exchanges[name], given);
    faults.push(...venue.faults);
    return venue.config === undefined ? [] : [[name, venue.config] as const];
  });
  if (data !== undefined && faults.length === 0) return { ...data, venues: Object.fromEntries(venues) as Config["venues"] };
  const lines = faults.map(({ name, allowed }) => {
    const shown = SECRETS.has(name) ? "(a secret)" : JSON.stringify(given[name]);
    return `${name} is ${shown}; allowed: ${allowed}`;
  });
  throw new ConfigError([...new Set(lines)].join("\n"));
}

/** Percentiles rank windows of whole quarter-hours: with any other length, each rank would be unknown and the rise alone would decide, unsaid. */
function unrankedWindow(data: z.output<typeof schema>): readonly Fault[] {
  if (data.LIQUIDATION_SPIKE_PERCENTILE === 0 || (data.LIQUIDATION_COMPARISON_WINDOW * MINUTE_MS) % QUARTER_HOUR_MS === 0) return [];
  const allowed = "a multiple of 15 up to 240, or with LIQUIDATION_SPIKE_PERCENTILE=0 any whole number from 1 to 240";
  return [{ name: "LIQUIDATION_COMPARISON_WINDOW", allowed }];
}

function readVenue(exchange: Exchange, given: Readonly<Record<string, unknown>>) {
  const { endpoints } = exchange;
  const variables = venueVariables(exchange);
  const { data, error } = venueSchema.safeParse({
    ws: given[variables.ws] ?? endpoints.ws,
    rest: given[variables.rest] ?? endpoints.rest,
    inferred: variables.inferred === null ? undefined : given[variables.inferred],
  });
  return { config: data, faults: faultsOf(error, (key) => variables[key as keyof VenueVariables] ?? key) };
}

function faultsOf(error: z.ZodError | undefined, nameOf: (key: string) => string): Fault[] {
  return (error?.issues ?? []).map(({ path, message }) => ({ name: nameOf(String(path[0])), allowed: message }));
}

/** What `configOf` read last: parsing takes about a millisecond, and every request and call of an object asks. */
let last: { readonly values: readonly unknown[]; readonly config: Config } | null = null;

/** `parseConfig` of a Worker's bindings, which are the same for as long as an isolate lives, except in tests. */
export function configOf(env: object): Config {
  const given: Readonly<Record<string, unknown>> = { ...env };
  const values = CONFIG_NAMES.map((name) => given[name]);
  if (last === null || values.some((value, index) => value !== last?.values[index])) last = { values, config: parseConfig(given) };
  return last.config;
}
