import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { ErrorBoundary } from "./error-boundary.tsx";

interface PanelProps {
  readonly title: string;
  /** Beside the title: an age, a coverage, a count. */
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A titled part of a screen. */
export function Panel({ title, aside, class: name = "", children }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside === undefined ? null : <div class="panel-aside">{aside}</div>}
      </header>
      <div class="panel-body">
        <ErrorBoundary>{children}</ErrorBoundary>
      </div>
    </section>
  );
}
