/** Where exports lie in the bucket: finished ones under `exports/`, what they are made of under `exports-work/`. */

export function exportPrefix(id: string): string {
  return `exports/${id}/`;
}

export function exportFileKey(id: string, name: string): string {
  return `${exportPrefix(id)}${name}`;
}

export function exportManifestKey(id: string): string {
  return exportFileKey(id, "manifest.json");
}

export function exportWorkPrefix(id: string): string {
  return `exports-work/${id}/`;
}

export function progressKey(id: string): string {
  return `${exportWorkPrefix(id)}progress.json`;
}

/** `unique` keeps two tries of the same part from writing into each other's pieces. */
export function pieceKey(id: string, unique: string): string {
  return `${exportWorkPrefix(id)}piece-${unique}`;
}
