import type { Symmetric3, Vector3 } from "./likelihood.ts";

/**
 * Inverse of a symmetric 3 × 3 matrix by cofactors; null where the matrix is not positive definite (Sylvester's
 * criterion).
 */
export function inversePositive([xx, xy, xz, yy, yz, zz]: Symmetric3): Symmetric3 | null {
  const minor = xx * yy - xy * xy;
  const [cx, cy, cz] = [yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy];
  const determinant = xx * cx + xy * cy + xz * cz;
  if (!(xx > 0 && minor > 0 && determinant > 0 && Number.isFinite(determinant))) return null;
  return [
    cx / determinant,
    cy / determinant,
    cz / determinant,
    (xx * zz - xz * xz) / determinant,
    (xy * xz - xx * yz) / determinant,
    minor / determinant,
  ];
}

export function times([xx, xy, xz, yy, yz, zz]: Symmetric3, [x, y, z]: Vector3): Vector3 {
  return [xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z];
}

export function dot([a, b, c]: Vector3, [x, y, z]: Vector3): number {
  return a * x + b * y + c * z;
}
