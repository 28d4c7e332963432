import { go } from "../shell/router.tsx";

interface PagesProps {
  /** What the pages are of, for screen readers. */
  readonly label: string;
  /** The parameter `cursor` of the address; null on the first page. */
  readonly cursor: string | null;
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
}

/** The way through a list whose page is in the address: back to the newest, and on to older ones. */
export function Pages({ label, cursor, next }: PagesProps) {
  if (cursor === null && next === null) return null;
  return (
    <nav class="list-pages" aria-label={label}>
      <button type="button" class="button" disabled={cursor === null} onClick={() => turnTo(null)}>
        Newest
      </button>
      <button type="button" class="button" disabled={next === null} onClick={() => turnTo(next)}>
        Older
      </button>
    </nav>
  );
}

/** Each page is a step of the browser's history, so that back leads to the one before. */
function turnTo(cursor: string | null): void {
  const parameters = new URLSearchParams(location.search);
  if (cursor === null) parameters.delete("cursor");
  else parameters.set("cursor", cursor);
  const search = parameters.toString();
  go(search === "" ? location.pathname : `${location.pathname}?${search}`);
}
