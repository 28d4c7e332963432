export type Matrix = readonly (readonly number[])[];
export type Vector = readonly number[];

/**
 * The lower triangle L with L·Lᵀ = A (Cholesky).
 * @throws {RangeError} where the matrix is not positive definite
 */
export function cholesky(matrix: Matrix): Matrix {
  const lower: number[][] = [];
  for (const [row, values] of matrix.entries()) {
    const own: number[] = [];
    for (let column = 0; column <= row; column += 1) {
      const other = column === row ? own : (lower[column] ?? []);
      let rest = values[column] ?? 0;
      for (let k = 0; k < column; k += 1) rest -= (own[k] ?? 0) * (other[k] ?? 0);
      if (column === row && !(rest > 0)) throw new RangeError("the matrix is not positive definite");
      own.push(column === row ? Math.sqrt(rest) : rest / (other[column] ?? 1));
    }
    lower.push(own);
  }
  return lower;
}

/** x with L·Lᵀ·x = b. */
export function solve(lower: Matrix, b: Vector): Vector {
  const y: number[] = [];
  for (const [row, own] of lower.entries()) {
    let rest = b[row] ?? 0;
    for (let k = 0; k < row; k += 1) rest -= (own[k] ?? 0) * (y[k] ?? 0);
    y.push(rest / (own[row] ?? 1));
  }
  const x = y.map(() => 0);
  for (let row = lower.length - 1; row >= 0; row -= 1) {
    let rest = y[row] ?? 0;
    for (let k = row + 1; k < lower.length; k += 1) rest -= (lower[k]?.[row] ?? 0) * (x[k] ?? 0);
    x[row] = rest / (lower[row]?.[row] ?? 1);
  }
  return x;
}

/** The inverse of L·Lᵀ. */
export function inverse(lower: Matrix): Matrix {
  return lower.map((_, row) =>
    solve(
      lower,
      lower.map((__, column) => (column === row ? 1 : 0)),
    ),
  );
}

export function dot(a: Vector, b: Vector): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** xᵀ·A·x */
export function quadraticForm(matrix: Matrix, x: Vector): number {
  return dot(
    x,
    matrix.map((row) => dot(row, x)),
  );
}
