import type { Exchange } from "../../src/exchanges/exchange.ts";
import { type Place, placesOf, raw, textOf, type Tree, treeOf } from "./json-tree.ts";
import { type Finding, FuzzSession, type Input } from "./session.ts";

/** Sessions that are tried for a smaller one. */
const MAX_TRIALS = 600;
const SIMPLE = ["null", "0", '""', "[]", "{}"];

/** Tells whether inputs, taken by a new session, still end in the finding. */
interface Trials {
  readonly fails: (inputs: readonly Input[]) => Promise<boolean>;
  /** Whether no more are tried: what is smallest by now is kept. */
  readonly areOver: () => boolean;
}

/**
 * The fewest and smallest inputs found that still end in a finding of the same kind: first without the frames before the
 * last, then with less in each. A slow frame is slow by itself, and is kept whole.
 *
 * @param inputs of one session from its beginning; the last one gave the finding
 */
export async function shrink(exchange: Exchange, inputs: readonly Input[], finding: Finding): Promise<readonly Input[]> {
  const last = inputs.slice(-1);
  if (finding.kind === "slow") return last;
  let left = MAX_TRIALS;
  const trials: Trials = {
    areOver: () => left <= 0,
    fails: async (candidate) => {
      left -= 1;
      return left > 0 && (await endsIn(exchange, candidate, finding.kind));
    },
  };
  let smallest = (await trials.fails(last)) ? last : await withFewer(inputs, trials);
  for (let index = smallest.length - 1; index >= 0; index -= 1) smallest = await withSmaller(smallest, index, trials);
  return smallest;
}

async function endsIn(exchange: Exchange, inputs: readonly Input[], kind: Finding["kind"]): Promise<boolean> {
  const session = new FuzzSession(exchange);
  let found: Finding | null = null;
  for (const input of inputs) found = await session.take(input);
  return found?.kind === kind;
}

/** Zeller's delta debugging over the inputs before the last. */
async function withFewer(inputs: readonly Input[], { fails, areOver }: Trials): Promise<readonly Input[]> {
  let kept = inputs;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < kept.length - 1 && !areOver();) {
      const fewer = [...kept.slice(0, start), ...kept.slice(Math.min(start + size, kept.length - 1))];
      if (await fails(fewer)) kept = fewer;
      else start += size;
    }
  }
  return kept;
}

/** One input with less in it: without its parts, or with the simplest values in their places. */
async function withSmaller(inputs: readonly Input[], index: number, { fails, areOver }: Trials): Promise<readonly Input[]> {
  let smallest = inputs;
  for (let again = true; again;) {
    again = false;
    for (const text of smallerTexts(smallest[index]?.text ?? "")) {
      const candidate = smallest.map((input, at) => (at === index ? { ...input, text } : input));
      if (areOver()) return smallest;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      again = true;
      break;
    }
  }
  return smallest;
}

/** Texts that are shorter than the given one: without one of its values, or with a simple one in its place. */
function* smallerTexts(text: string): Generator<string> {
  const flatter = withHalfTheDepth(text);
  if (flatter.length < text.length) yield flatter;
  const tree = flatter.length < text.length ? null : treeOfText(text);
  if (tree !== null) yield* smallerTrees(tree);
  else yield* [text.slice(0, text.length / 2), text.slice(text.length / 2)].filter((part) => part.length < text.length);
}

function half(unit: number): (run: string) => string {
  return (run) => run.slice(0, unit * Math.floor(run.length / unit / 2));
}

/** Deep nesting would be too much for the functions on trees too. */
function withHalfTheDepth(text: string): string {
  const lists = text.replace(/\[{100,}/gu, half(1)).replace(/\]{100,}/gu, half(1));
  return lists.replace(/(?:\{"a":){100,}/gu, half('{"a":'.length)).replace(/\}{100,}/gu, half(1));
}

function treeOfText(text: string): Tree | null {
  try {
    return treeOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function* smallerTrees(tree: Tree): Generator<string> {
  const places = placesOf({ kind: "list", items: [tree] });
  for (const [index, { value }] of places.entries()) {
    // The whole frame cannot be removed.
    if (index > 0) yield changed(tree, index, (place) => place.remove());
    for (const simple of SIMPLE) {
      if (simple.length < textOf(value).length) yield changed(tree, index, (place) => place.replace(raw(simple)));
    }
  }
}

/** The text of a tree after a change at one of its places. */
function changed(tree: Tree, index: number, change: (place: Place) => void): string {
  const root: Tree = { kind: "list", items: [structuredClone(tree)] };
  const place = placesOf(root)[index];
  if (place !== undefined) change(place);
  return root.items.map(textOf).join("");
}
