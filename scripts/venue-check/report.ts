import { COVERAGE_TEXT } from "../../src/exchanges/coverage-text.ts";
import { claimsOf } from "./claims/claims.ts";
import { quantile } from "./claims/votes.ts";
import type { Claim, Observations } from "./observations.ts";
import { withoutBasePaths } from "./shown-address.ts";

/** The programs that made a report. */
export interface ReportVersions {
  readonly program: string;
  readonly node: string;
  readonly system: string;
}

export interface Report {
  readonly markdown: string;
  /** Number of claims that what came contradicts. */
  readonly contradicted: number;
  /** Number of sockets that no connection reached, and of channels whose request failed. */
  readonly failed: number;
}

/** A check as Markdown, for people: of addresses it has the hosts and what follows the base address, and so no tokens. */
export function reportOf(seen: Observations, versions: ReportVersions): Report {
  const claims = claimsOf(seen);
  const count = (verdict: Claim["verdict"]) => claims.filter((claim) => claim.verdict === verdict).length;
  const failedRequests = seen.channels.filter(({ error }) => error !== null).length;
  const { exchange } = seen;
  const seconds = (seen.endTime - seen.startTime) / 1_000;
  const markdown = [
    `# Check of ${exchange.title}`,
    "",
    `**${count("seen")} claims seen, ${count("contradicted")} contradicted, ${count("not seen")} not seen; ${count("not reached")} sockets not reached, ${failedRequests} channels whose request failed.**`,
    ...claims
      .filter(({ verdict }) => verdict === "contradicted")
      .map((claim) => `- **Contradicted:** ${oneLine(claim.claim)} ${oneLine(claim.detail)}.`),
    "",
    table(
      ["what", "value"],
      [
        ["from", new Date(seen.startTime).toISOString()],
        ["to", `${new Date(seen.endTime).toISOString()} (${seconds.toFixed(0)} s)`],
        ["venue", `${exchange.name}, adapter version ${exchange.adapterVersion}, coverage ${exchange.coverage}`],
        ["hosts", [...new Set(seen.sockets.map(({ host }) => host))].join(", ")],
        ["base assets", seen.symbols === "*" ? "all" : [...seen.symbols].join(", ")],
        [
          "contracts",
          `${seen.instruments.count}, ${seen.instruments.error === null ? "from the venue's table" : `built in: ${seen.instruments.error}`}`,
        ],
        ["program", `${versions.program}, Node ${versions.node}, ${versions.system}`],
      ],
    ),
    "",
    "## Claims",
    "",
    table(
      ["about", "claim", "verdict", "numbers"],
      claims.map(({ about, claim, verdict, detail }) => [about, claim, isBad(verdict) ? `**${verdict}**` : verdict, detail]),
    ),
    "",
    "## Channels of the evidence table",
    "",
    table(
      ["channel", "source of the claim", "here"],
      seen.channels.map(({ channel, source, count: frames, error }) => [channel, source, channelText(frames, error)]),
    ),
    "",
    "## Liquidations",
    "",
    ...liquidationLines(seen, seconds),
    "",
    "## Messages",
    "",
    table(
      ["kind", "count"],
      [...seen.kinds].toSorted((a, b) => b[1] - a[1]).map(([kind, number]) => [kind, String(number)]),
    ),
    "",
    "## Requests",
    "",
    table(
      ["what", "address", "messages", "error"],
      seen.requests.map(({ what, address, messages, error }) => [what, address, String(messages), error ?? ""]),
    ),
    "",
    "## Rejects and errors",
    "",
    ...(seen.rejects.length + seen.errors.length === 0
      ? ["None."]
      : [
          ...seen.rejects.map(({ reason, count: times, text }) => `- ${times} times ${oneLine(reason)}: \`${codeLine(text)}\``),
          ...seen.errors.map((error) => `- the venue: ${oneLine(error)}`),
        ]),
    "",
  ].join("\n");
  return {
    markdown: withoutBasePaths(markdown, seen.endpoints),
    contradicted: count("contradicted"),
    failed: count("not reached") + failedRequests,
  };
}

function liquidationLines({ exchange, liquidations, repeated, unkept }: Observations, seconds: number): readonly string[] {
  if (liquidations.length === 0) {
    const reason =
      exchange.coverage === "none"
        ? "The venue publishes none."
        : "None came: claims about them were not seen. Run it for longer, or with all base assets.";
    return [reason];
  }
  const longs = liquidations.filter(({ row }) => row.position_side === "long").length;
  const perSecond = Map.groupBy(liquidations, ({ receivedTime }) => Math.floor(receivedTime / 1_000));
  const most = Math.max(...[...perSecond.values()].map((group) => group.length));
  const values = liquidations.map(({ row }) => row.usd_value).filter((value) => value !== null);
  return [
    `- ${liquidations.length} liquidations, ${longs} of longs and ${liquidations.length - longs} of shorts, ${repeated} repeated; ${((60 * liquidations.length) / seconds).toFixed(1)} a minute, at most ${most} in a second.`,
    ...(unkept === 0 ? [] : [`- ${unkept} more came after these and are compared with nothing.`]),
    `- Coverage: ${COVERAGE_TEXT[exchange.coverage]}.`,
    `- Value: ${usd(quantile(values, 0.5))} in the median, ${usd(quantile(values, 1))} at most; ${liquidations.length - values.length} without a value.`,
    `- Contracts: ${new Set(liquidations.map(({ row }) => row.instrument)).size}.`,
  ];
}

function isBad(verdict: Claim["verdict"]): boolean {
  return verdict === "contradicted" || verdict === "not reached";
}

function usd(value: number | null): string {
  return value === null ? "unknown" : `${Math.round(value).toLocaleString("en-US")} USD`;
}

function channelText(frames: number | null, error: string | null): string {
  if (error !== null) return `**request failed**: ${error}`;
  if (frames === null) return "no frame names it";
  return frames === 0 ? "not seen" : `seen ${frames} times`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "None.";
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(" | ")} |`;
}

function cell(text: string): string {
  return oneLine(text).replaceAll(/(?<!\\)\|/g, String.raw`\|`);
}

/** Text of the venue may hold anything: one line, without what hides or reverses the text after it. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\s]+/gu, " ").trim();
}

function codeLine(text: string): string {
  return oneLine(text).replaceAll("`", "'").slice(0, 300);
}
