import { countOf, textOf, timeOf } from "./figures.ts";
import type { Wording } from "./message.ts";

/** What the venue wrote is a quote: its text is not ours. */
export const venueChanged: Wording<"venue.changed"> = (news) => {
  const venue = textOf(news.venue) ?? "A venue";
  const isFeed = news.change === "liquidation_feed";
  return {
    headline: isFeed ? `${venue} accepts a topic of liquidations` : `${venue} changed its change log`,
    lines: [isFeed ? "It publishes none so far. Whether the topic delivers is not known." : null],
    quotes: [[isFeed ? "Accepted" : "New", Array.isArray(news.added) ? news.added.map(String).join(" / ") : null]],
    facts: [
      ["New lines", isFeed ? null : countOf(news.added_lines)],
      ["Removed lines", isFeed ? null : countOf(news.removed_lines)],
      ["Address", textOf(news.url)],
      ["Compared with", timeOf(news.previous_time)],
      ["Found", timeOf(news.found_time)],
    ],
    link: { label: "Open the status", path: "/status" },
  };
};
