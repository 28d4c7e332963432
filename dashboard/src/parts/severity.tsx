import { Hint } from "./hint.tsx";

/** How severe a cascade is, as dots. */
export function Severity({ severity }: { readonly severity: number }) {
  return (
    <Hint hint={`Severity ${severity} of 5: it ranks size and is not a forecast.`} class="severity">
      <span class="sr-only">severity {severity} of 5</span>
      {[1, 2, 3, 4, 5].map((level) => (
        <span key={level} class={level <= severity ? "severity-dot severity-on" : "severity-dot"} aria-hidden="true" />
      ))}
    </Hint>
  );
}
