/** The colours of the style sheet, for what is drawn on a canvas. */
export interface ChartColours {
  readonly ink: string;
  readonly ink3: string;
  readonly edge: string;
  readonly panel: string;
  readonly long: string;
  readonly short: string;
  readonly gap: string;
  readonly accent: string;
}

export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: colour("--ink-2"),
    ink3: colour("--ink-3"),
    edge: colour("--edge"),
    panel: colour("--panel"),
    long: colour("--long"),
    short: colour("--short"),
    gap: colour("--gap"),
    accent: colour("--accent"),
  };
}
