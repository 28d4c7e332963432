/** The keys of exports in the bucket: finished files under `exports/`, their pieces under `exports-work/`. */

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

/**
 * The pieces of an export with a `progress.json`, of earlier code, are texts: neither that code nor this one continues with
 * pieces of the other, and starts again.
 */
export function progressKey(id: string): string {
  return `${exportWorkPrefix(id)}progress-2.json`;
}

/** `unique` keeps two attempts at the same part from overwriting each other's pieces. */
export function pieceKey(id: string, unique: string): string {
  return `${exportWorkPrefix(id)}piece-${unique}`;
}
