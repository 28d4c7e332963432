import { describe, expect, test } from "vitest";
import { TopicRequests } from "../../../durable-objects/exchange-feed/sockets/topic-requests.ts";
import type { TopicRefusal } from "../../../src/exchanges/exchange.ts";

const NAMES = ["a", "b", "c", "d", "e"];

function requests() {
  return new TopicRequests({
    contracts: new Map(NAMES.map((topic) => [topic, topic.toUpperCase()])),
    perRequest: 3,
    request: (count, topics) => ({ id: `${count}`, frame: `${count}:${topics.join(",")}` }),
  });
}

const refusal = (request: string, named: Partial<TopicRefusal> = {}): TopicRefusal => ({
  kind: "refused",
  request,
  reason: "no",
  unknown: [],
  held: [],
  ...named,
});

describe("requests for topics", () => {
  test("are made in parts, without the withheld ones, and confirmed by their id", () => {
    const made = requests();
    expect(made.begin(new Set(["b"]))).toEqual(["1:a,c,d", "2:e"]);
    expect(made.confirm("1")).toEqual(["a", "c", "d"]);
    expect([...made.open]).toEqual(["e"]);
  });

  test("that are refused for one topic are made again for the others alone", () => {
    const made = requests();
    made.begin(new Set());
    expect(made.refuse(refusal("1", { unknown: ["b"] }))).toEqual({ confirmed: [], refused: ["b"], frames: ["3:a,c"] });
    expect(made.refuse(refusal("3", { held: ["a"] }))).toEqual({ confirmed: ["a"], refused: [], frames: ["4:c"] });
    expect(made.refuse(refusal("4", { held: ["c"] }))).toEqual({ confirmed: ["c"], refused: [], frames: [] });
    expect([...made.open]).toEqual(["d", "e"]);
  });

  test("that are refused in words that name no topic are made again for each by itself", () => {
    const made = requests();
    made.begin(new Set());
    expect(made.refuse(refusal("2")).frames).toEqual(["3:d", "4:e"]);
    expect(made.refuse(refusal("3"))).toEqual({ confirmed: [], refused: ["d"], frames: [] });
    expect(made.confirm("4")).toEqual(["e"]);
  });

  test("that name a topic of another request are taken as naming none", () => {
    const made = requests();
    made.begin(new Set());
    expect(made.refuse(refusal("2", { unknown: ["a"] })).frames).toEqual(["3:d", "4:e"]);
  });

  test("that nobody made are not answered", () => {
    expect(requests().refuse(refusal("9"))).toEqual({ confirmed: [], refused: [], frames: [] });
  });
});
