import { UsageError, notAllowed } from "./usage-error.ts";

export const GRID_NAMES = ["window", "threshold", "percentile", "floor", "cooldown", "strategy", "horizon"] as const;
export type GridName = (typeof GRID_NAMES)[number];

/** The values of one setting. */
export interface GridAxis {
  readonly name: GridName;
  readonly values: readonly string[];
}

/** One value of each setting of the grid. */
export type GridPoint = Readonly<Partial<Record<GridName, string>>>;

/** Each combination is a replay of its own. */
const MAX_POINTS = 200;

/**
 * @param texts such as `threshold=0.5,1`
 * @throws {UsageError}
 */
export function readGrid(texts: readonly string[]): readonly GridAxis[] {
  const axes = texts.map((text): GridAxis => {
    const [left = "", right = ""] = text.split("=", 2);
    const name = GRID_NAMES.find((one) => one === left);
    const values = right.split(",").map((value) => value.trim());
    if (name === undefined || values.some((value) => value === ""))
      throw notAllowed("--grid", text, `NAME=VALUE,VALUE with NAME one of ${GRID_NAMES.join(", ")}`);
    return { name, values: [...new Set(values)] };
  });
  const twice = axes.find(({ name }, index) => axes.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined)
    throw new UsageError(`--grid names ${twice.name} twice; allowed: all its values in one, such as --grid ${twice.name}=A,B`);
  const points = axes.reduce((product, { values }) => product * values.length, 1);
  if (points > MAX_POINTS) throw new UsageError(`--grid has ${points} combinations; allowed: at most ${MAX_POINTS}`);
  return axes;
}

/** All combinations, the last setting changing fastest. */
export function gridPoints(axes: readonly GridAxis[]): readonly GridPoint[] {
  return axes.reduce<readonly GridPoint[]>(
    (points, { name, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}
