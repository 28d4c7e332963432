const ROUNDS = 200;

/**
 * The largest absolute eigenvalue of a matrix without negative entries, by power iteration on the matrix plus 1, which has the
 * same eigenvectors and no second eigenvalue of the same size.
 */
export function spectralRadius(matrix: readonly (readonly number[])[]): number {
  let vector = matrix.map(() => 1);
  let radius = 1;
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = matrix.map((row, index) => (vector[index] ?? 0) + row.reduce((sum, one, column) => sum + one * (vector[column] ?? 0), 0));
    radius = Math.max(...next, 1e-300);
    vector = next.map((one) => one / radius);
  }
  return Math.max(0, radius - 1);
}
