import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ExchangeName } from "../../src/liquidation.ts";

const PAGE = resolve(import.meta.dirname, "../../docs/venues.md");

/** A row of a venue's evidence table in docs/venues.md. */
export interface EvidenceRow {
  readonly channel: string;
  readonly source: string;
  /** Texts, any of which stands in a frame of the channel. */
  readonly literals: readonly string[];
  /** The path of a request, with placeholders as `[^/]+`; null for a channel of a socket. */
  readonly path: RegExp | null;
}

/** The evidence table of a venue. @throws where the page has none */
export function evidenceOf(name: ExchangeName, page: string = readFileSync(PAGE, "utf8")): readonly EvidenceRow[] {
  const section = page.split(/^## /m).find((text) => text.includes(`(../src/exchanges/${name})`));
  const table = section?.split("\n").filter((line) => line.startsWith("| ")) ?? [];
  const rows = table.filter((line) => !line.startsWith("| channel |")).map((line) => line.split(" | "));
  if (rows.length === 0) throw new Error(`docs/venues.md has no evidence table of ${name}`);
  return rows.map((cells) => rowOf(cells[0]?.replace(/^\| /, "") ?? "", cells.at(-1)?.replace(/ \|$/, "") ?? ""));
}

function rowOf(channel: string, source: string): EvidenceRow {
  const pieces = [...channel.matchAll(/`([^`]+)`/g)].map(([, piece = ""]) => piece);
  const [first = ""] = pieces;
  const path = /^(?:GET|POST) ([^?]+)/.exec(first)?.[1];
  if (path !== undefined) return { channel, source, literals: [], path: new RegExp(`^${pattern(path)}$`) };
  const naming = channel.includes(" with key ") ? pieces.slice(-1) : pieces;
  return { channel, source, literals: naming.flatMap(literalsOf).filter((text) => text.length > 2), path: null };
}

function pattern(path: string): string {
  return path
    .split(/\{[^}]*\}/)
    .map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`))
    .join("[^/]+");
}

/** Of `<symbol>@forceOrder` what no symbol changes. What is `trade/1` in a request can be `trade:1` in a frame. */
function literalsOf(topic: string): readonly string[] {
  const [longest = ""] = topic.split(/<[^>]*>|\{[^}]*\}/).toSorted((a, b) => b.length - a.length);
  return longest.endsWith("/") ? [longest, longest.replace(/\/$/, ":")] : [longest];
}
