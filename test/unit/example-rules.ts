type Fields = Readonly<Record<string, unknown>>;

/** Times of which the first never lies after the second. */
const IN_ORDER = [
  ["start_time", "end_time"],
  ["start_time", "peak_time"],
  ["peak_time", "end_time"],
  ["previous_start_time", "previous_end_time"],
  ["previous_end_time", "start_time"],
  ["end_time", "as_of_time"],
  ["from_time", "to_time"],
  ["start", "end"],
  ["first_event_time", "last_event_time"],
  ["last_event_time", "created_time"],
  ["first_received_time", "last_received_time"],
  ["event_time", "received_time"],
  ["last_event_time", "last_frame_time"],
  ["created_time", "updated_time"],
  ["updated_time", "finished_time"],
  ["finished_time", "expires_time"],
  ["entry_time", "exit_time"],
  ["exit_time", "graded_time"],
] as const;

const FIRST_TIME = Date.UTC(2026, 0, 1);
const LAST_TIME = Date.UTC(2028, 0, 1);
const COUNTS = ["events", "events_without_usd", "events_without_notional_mark"];
const SUMS = [...COUNTS, "usd", "notional_mark_usd", "quantity"];

/** What cannot be true in an example, in words; empty where nothing is wrong. */
export function untruths(example: unknown, path: string): readonly string[] {
  if (typeof example === "string") return example.includes("…") && !example.startsWith("liq_") ? [`${path} is a stand-in`] : [];
  if (typeof example !== "object" || example === null) return [];
  if (Array.isArray(example)) return example.flatMap((item: unknown, index) => untruths(item, `${path}/${index}`));
  const fields = example as Fields;
  return [
    ...order(fields),
    ...dates(fields),
    ...largest(fields),
    ...bySide(fields),
    ...byVenue(fields),
    ...shares(fields),
    ...rows(fields),
    ...counted(fields),
    ...contradictions(fields),
  ]
    .map((said) => `${path}: ${said}`)
    .concat(Object.entries(fields).flatMap(([name, value]) => untruths(value, `${path}/${name}`)));
}

function order(fields: Fields): readonly string[] {
  return IN_ORDER.flatMap(([before, after]) => {
    const [a, b] = [fields[before], fields[after]];
    if (typeof a !== "number" || typeof b !== "number") return [];
    const isRange = before.startsWith("start") && after.startsWith("end");
    return a < b || (a === b && !isRange) ? [] : [`${before} lies after ${after}`];
  });
}

function dates(fields: Fields): readonly string[] {
  return Object.entries(fields)
    .filter(([name, value]) => /(^|_)time$/.test(name) && typeof value === "number" && (value < FIRST_TIME || value > LAST_TIME))
    .map(([name, value]) => `${name} is ${String(value)}`);
}

function largest({ events, usd, max_usd: most }: Fields): readonly string[] {
  if (typeof usd !== "number" || typeof most !== "number") return [];
  return most > usd || events === 0 ? ["max_usd exceeds usd"] : [];
}

/** A total is the sum of its sides, also for the window before. */
function bySide({ long, short, total }: Fields): readonly string[] {
  if (!isFields(long) || !isFields(short) || !isFields(total)) return [];
  return [...SUMS, "previous_events", "previous_usd"]
    .filter((name) => typeof total[name] === "number" && !isSum(total[name], [long[name], short[name]]))
    .map((name) => `${name} of total is not that of its sides`);
}

/** Sums over all venues are the sums of the venues'. */
function byVenue({ sides, exchanges }: Fields): readonly string[] {
  if (!isFields(sides) || !isFields(exchanges)) return [];
  return ["long", "short", "total"].flatMap((side) => {
    const whole = sides[side];
    const parts = Object.values(exchanges).map((venue) => (isFields(venue) ? venue[side] : undefined));
    if (!isFields(whole) || !parts.every(isFields)) return [];
    return SUMS.filter(
      (name) =>
        typeof whole[name] === "number" &&
        !isSum(
          whole[name],
          parts.map((part) => part[name]),
        ),
    ).map((name) => `${name} of ${side} is not that of its venues`);
  });
}

/** Shares add up, and the concentration is that of the shares. */
function shares({ exchanges, hhi, dominant_exchange: dominant }: Fields): readonly string[] {
  if (!Array.isArray(exchanges) || typeof hhi !== "number") return [];
  const own = exchanges.filter(isFields).map((venue) => ({ name: venue["exchange"], share: Number(venue["share"]) }));
  const biggest = own.toSorted((a, b) => b.share - a.share)[0]?.name;
  return [
    ...(isSum(
      1,
      own.map(({ share }) => share),
    )
      ? []
      : ["shares do not add up to 1"]),
    ...(isSum(
      hhi,
      own.map(({ share }) => share ** 2),
    )
      ? []
      : ["hhi is not that of the shares"]),
    ...(dominant === biggest ? [] : ["dominant_exchange has not the largest share"]),
  ];
}

/** Rows by venue, and by file, add up to all rows. */
function rows({ rows: whole, exchanges, files }: Fields): readonly string[] {
  if (typeof whole !== "number") return [];
  const venues = isFields(exchanges) ? Object.values(exchanges).filter(isFields) : [];
  const parts = Array.isArray(files) ? files.filter(isFields) : [];
  return [
    ...(venues.length === 0 ||
    isSum(
      whole,
      venues.map((venue) => venue["rows"]),
    )
      ? []
      : ["rows of the venues do not add up"]),
    ...(parts.length === 0 ||
    isSum(
      whole,
      parts.map((file) => file["rows"]),
    )
      ? []
      : ["rows of the files do not add up"]),
  ];
}

/** `meta.count` counts the rows, and the coverage covers the venues shown. */
function counted({ data, meta }: Fields): readonly string[] {
  if (!isFields(meta)) return [];
  const count = Array.isArray(data) ? data.length : undefined;
  return count === undefined || meta["count"] === count ? [] : ["meta.count is not the number of items"];
}

/** What is said of an error without one, and of a list that must be empty where nothing is wrong. */
function contradictions({
  last_error: error,
  last_error_time: time,
  next_attempt_time: next,
  result,
  ...fields
}: Fields): readonly string[] {
  return [
    ...(error === null && typeof time === "number" ? ["last_error_time without an error"] : []),
    ...(error === null && typeof next === "number" ? ["next_attempt_time without an error"] : []),
    ...(result !== undefined && fields["error"] !== undefined ? ["both a result and an error"] : []),
    ...(fields["valid"] === false && fields["first_mismatch"] === null ? ["not valid, and nothing is wrong"] : []),
    ...(fields["finished_time"] !== undefined && fields["finished_time"] === fields["created_time"]
      ? ["finished when it was created"]
      : []),
    ...(fields["requests_per_day"] === 0 || fields["requests_per_minute"] === 0 ? ["a quota of nothing"] : []),
  ];
}

function isSum(whole: unknown, parts: readonly unknown[]): boolean {
  const sum = parts.reduce<number>((total, part) => total + (typeof part === "number" ? part : 0), 0);
  return typeof whole === "number" && Math.abs(whole - sum) <= 1e-9 * Math.max(1, Math.abs(whole));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
