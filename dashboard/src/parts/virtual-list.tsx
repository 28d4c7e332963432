import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type RowsInView, rowsInView, rowsMoved } from "./rows-in-view.ts";

interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  readonly rowHeight: number;
  /** Names a row, wherever in the list it stands. */
  readonly keyOf: (index: number) => string;
  readonly row: (index: number) => ComponentChildren;
}

const OVERSCAN = 6;

/**
 * A list of which only the rows in view exist, so that it scrolls through tens of thousands. All rows have one height. At the
 * top it shows new first rows as they come; scrolled down, it keeps the rows in view where they are.
 */
export function VirtualList({ label, count, rowHeight, keyOf, row }: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null);
  const seen = useRef<RowsInView>({ first: 0, keys: [] });
  const [view, setView] = useState({ top: 0, height: 400 });
  const measure = () => {
    if (box.current !== null) setView({ top: box.current.scrollTop, height: box.current.clientHeight });
  };
  useLayoutEffect(() => {
    if (box.current === null) return;
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  // After every render, before the browser paints.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const moved = element.scrollTop < rowHeight ? 0 : rowsMoved(seen.current, count, keyOf);
    if (moved !== 0) {
      element.scrollTop += moved * rowHeight;
      measure();
    }
    seen.current = rowsInView(element.scrollTop, element.clientHeight, rowHeight, count, keyOf);
  });
  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);
  return (
    <div class="virtual-list" ref={box} tabIndex={0} role="log" aria-live="off" aria-label={label} onScroll={measure}>
      <div class="virtual-size" style={{ height: `${count * rowHeight}px` }}>
        <div class="virtual-rows" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, offset) => row(first + offset))}
        </div>
      </div>
    </div>
  );
}
