import { describe, expect, test } from "vitest";
import { bannedIn } from "../banned-phrases.ts";
import { allPages } from "./markdown.ts";

describe("no page has a phrase that has to be read twice", () => {
  test.each(allPages())("in $path", ({ prose }) => {
    expect(prose.split("\n").flatMap((line) => bannedIn(line).map((phrase) => `${phrase}: ${line}`))).toEqual([]);
  });
});
