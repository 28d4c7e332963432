import { expect, test } from "vitest";
import { runLanes } from "../../scripts/run-lanes.ts";

/** The names and outputs of the commands that ran, in the order in which they ended. */
async function ran(lanes: readonly (readonly string[])[]) {
  const printed: string[] = [];
  const failed = await runLanes(lanes, (text) => printed.push(text));
  return { failed, printed };
}

test("the commands of a lane follow one another, each with what it printed", async () => {
  expect(await ran([["echo one", "echo two >&2"]])).toEqual({ failed: [], printed: ["> echo one\none\n", "> echo two >&2\ntwo\n"] });
});

test("lanes run at once: one waits for what the other does", async () => {
  const file = `${process.env["TMPDIR"] ?? "/tmp"}/run-lanes-${process.pid}`;
  const waiting = `until [ -e ${file} ]; do sleep 0.05; done; rm ${file}`;
  expect((await ran([[waiting], [`touch ${file}`]])).failed).toEqual([]);
});

test("a command that fails is named, ends its own lane, and no other", async () => {
  const { failed, printed } = await ran([["exit 3", "echo never"], ["echo other"]]);
  expect(failed).toEqual(["exit 3"]);
  expect(printed.toSorted()).toEqual(["> echo other\nother\n", "> exit 3\n"]);
});
