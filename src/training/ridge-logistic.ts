import { type Matrix, type Vector, cholesky, inverse, solve } from "../signals/positive-matrix.ts";

/** A case of a regression. */
export interface Case {
  /** Standardized, without the constant. */
  readonly x: Vector;
  readonly y: 0 | 1;
  /** How much it counts. */
  readonly weight: number;
}

export interface LogisticFit {
  /** The intercept, then a coefficient for each x. */
  readonly coefficients: Vector;
  /** Covariance of the coefficients: the inverse of the penalized information. */
  readonly covariance: Matrix;
}

/** A case as numbers in a row, the constant first: tens of thousands of them are gone through some ten times. */
interface Row {
  readonly x: Float64Array;
  readonly y: 0 | 1;
  readonly weight: number;
}

const MAX_STEPS = 50;
const CONVERGED = 1e-10;

/**
 * Logistic regression with an L2 penalty on all coefficients but the intercept, by Newton's method with halved steps (le
 * Cessie and van Houwelingen 1992, Applied Statistics 41(1)). The same for the same cases, in any order up to rounding.
 * @param penalty half of it times the sum of squares is subtracted from the log likelihood: 1 / τ² for a normal prior of
 * standard deviation τ
 * @throws {RangeError} where all cases have the same outcome, or the cases differ in length
 */
export function fitRidgeLogistic(cases: readonly Case[], penalty: number): LogisticFit {
  const size = (cases[0]?.x.length ?? 0) + 1;
  const rate = weightedRate(cases);
  if (!(rate > 0 && rate < 1)) throw new RangeError("all cases have the same outcome");
  const rows = cases.map(({ x, ...rest }) => {
    if (x.length !== size - 1) throw new RangeError(`a case has ${x.length} features, the first one ${size - 1}`);
    return { ...rest, x: Float64Array.of(1, ...x) };
  });
  let coefficients: Vector = [Math.log(rate / (1 - rate)), ...Array.from({ length: size - 1 }, () => 0)];
  let likelihood = penalized(rows, coefficients, penalty);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const { gradient, information } = derivatives(rows, coefficients, penalty);
    const direction = solve(cholesky(information), gradient);
    const next = climb(rows, coefficients, direction, likelihood, penalty);
    if (next === null) break;
    const gained = next.likelihood - likelihood;
    ({ coefficients, likelihood } = next);
    if (gained < CONVERGED) break;
  }
  return { coefficients, covariance: inverse(cholesky(derivatives(rows, coefficients, penalty).information)) };
}

/** Share of the weight with the outcome 1. */
export function weightedRate(cases: readonly Pick<Case, "y" | "weight">[]): number {
  const whole = cases.reduce((sum, { weight }) => sum + weight, 0);
  return cases.reduce((sum, { y, weight }) => sum + y * weight, 0) / whole;
}

function logistic(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Minus the log likelihood of one outcome under a probability. */
export function logLoss(probability: number, y: 0 | 1): number {
  return -Math.log(y === 1 ? probability : 1 - probability);
}

/** The first point along a direction that is no worse, of its whole, half, quarter and so on; null where there is none. */
function climb(rows: readonly Row[], from: Vector, direction: Vector, likelihood: number, penalty: number) {
  for (let share = 1; share > 1e-6; share /= 2) {
    const coefficients = from.map((value, index) => value + share * (direction[index] ?? 0));
    const reached = penalized(rows, coefficients, penalty);
    if (reached >= likelihood) return { coefficients, likelihood: reached };
  }
  return null;
}

function penalized(rows: readonly Row[], coefficients: Vector, penalty: number): number {
  let sum = 0;
  for (const { x, y, weight } of rows) {
    const logit = logitOf(x, coefficients);
    // ln(1 + e^z), without overflow.
    const log1p = Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
    sum += weight * (y * logit - log1p);
  }
  return sum - (penalty / 2) * coefficients.slice(1).reduce((squares, value) => squares + value ** 2, 0);
}

function derivatives(rows: readonly Row[], coefficients: Vector, penalty: number) {
  const gradient = coefficients.map((value, index) => (index === 0 ? 0 : -penalty * value));
  const size = coefficients.length;
  // The lower triangle, row by row: the matrix is symmetric.
  const lower = new Float64Array(size * size);
  for (const { x, y, weight } of rows) {
    const p = logistic(logitOf(x, coefficients));
    const curvature = weight * p * (1 - p);
    for (let row = 0; row < size; row += 1) {
      const value = x[row] ?? 0;
      if (value === 0) continue;
      gradient[row] = (gradient[row] ?? 0) + weight * (y - p) * value;
      const scaled = curvature * value;
      for (let column = 0; column <= row; column += 1) {
        const at = row * size + column;
        lower[at] = (lower[at] ?? 0) + scaled * (x[column] ?? 0);
      }
    }
  }
  const information = coefficients.map((_, row) =>
    coefficients.map(
      (__, column) => (lower[Math.max(row, column) * size + Math.min(row, column)] ?? 0) + (row === column && row > 0 ? penalty : 0),
    ),
  );
  return { gradient, information };
}

function logitOf(x: Float64Array, coefficients: Vector): number {
  let logit = 0;
  for (let index = 0; index < x.length; index += 1) logit += (x[index] ?? 0) * (coefficients[index] ?? 0);
  return logit;
}
