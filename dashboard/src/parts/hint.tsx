import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { path } from "../shell/router.tsx";

interface Shown {
  readonly owner: object;
  readonly element: Element;
  readonly content: ComponentChildren;
  readonly anchor: DOMRect;
}
/** One layer shows the hint of whatever is hovered or focused, so that no panel cuts it off. */
const shown = signal<Shown | null>(null);

interface HintProps {
  /** What the value is and what it does not cover. */
  readonly hint: ComponentChildren;
  readonly children: ComponentChildren;
  readonly class?: string;
}

/** A value that explains itself on hover and focus, and to screen readers. */
export function Hint({ hint, children, class: name = "" }: HintProps) {
  const id = useId();
  const owner = useRef({}).current;
  const open = ({ currentTarget: element }: Event) => {
    if (element instanceof Element) shown.value = { owner, element, content: hint, anchor: element.getBoundingClientRect() };
  };
  // What is shown follows what it explains, and goes with it: an element that is removed is never left by the pointer.
  useLayoutEffect(() => {
    const current = shown.peek();
    if (current?.owner === owner && current.content !== hint) shown.value = { ...current, content: hint };
  }, [hint]);
  useLayoutEffect(
    () => () => {
      if (shown.peek()?.owner === owner) close();
    },
    [],
  );
  return (
    <span
      class={`hint ${name}`}
      tabIndex={0}
      aria-describedby={id}
      onMouseEnter={open}
      onMouseLeave={close}
      onFocusIn={open}
      onFocusOut={close}
    >
      {children}
      <span id={id} hidden>
        {hint}
      </span>
    </span>
  );
}

function close(): void {
  shown.value = null;
}

/** What was focused by the keyboard keeps its hint, beside it: focusing scrolls. */
function followScroll({ target }: Event): void {
  const current = shown.peek();
  if (current === null || !(target instanceof Node) || !target.contains(current.element)) return;
  const anchor = current.element.getBoundingClientRect();
  const isInView = anchor.bottom > 0 && anchor.top < innerHeight;
  if (isInView && current.element.contains(document.activeElement)) shown.value = { ...current, anchor };
  else close();
}

function closeOnEscape({ key }: KeyboardEvent): void {
  if (key === "Escape") close();
}

const MARGIN_PX = 8;

/** Stands once in the shell. */
export function HintLayer() {
  const box = useRef<HTMLDivElement>(null);
  const current = shown.value;
  useEffect(close, [path.value]);
  useEffect(() => {
    addEventListener("scroll", followScroll, { capture: true, passive: true });
    addEventListener("keydown", closeOnEscape, { capture: true });
    return () => {
      removeEventListener("scroll", followScroll, { capture: true });
      removeEventListener("keydown", closeOnEscape, { capture: true });
    };
  }, []);
  useLayoutEffect(() => {
    if (box.current === null || current === null) return;
    const { width, height } = box.current.getBoundingClientRect();
    const { anchor } = current;
    const left = Math.max(MARGIN_PX, Math.min(anchor.left + anchor.width / 2 - width / 2, innerWidth - width - MARGIN_PX));
    const isBelow = anchor.top < height + 2 * MARGIN_PX;
    box.current.style.left = `${left}px`;
    box.current.style.top = `${isBelow ? anchor.bottom + MARGIN_PX : anchor.top - height - MARGIN_PX}px`;
  }, [current]);
  if (current === null) return null;
  return (
    <div class="hint-layer" ref={box} aria-hidden="true">
      {current.content}
    </div>
  );
}
