import type { ComponentChildren } from "preact";
import { shortUsd, wholeUsd } from "./format.ts";
import { Hint } from "./hint.tsx";
import { Unknown } from "./unknown.tsx";

interface UsdProps {
  /** Null where it is not known. */
  readonly usd: number | null;
  /** Why it is unknown, where it is. */
  readonly reason?: string;
  /** What a total covers; it is shown with the whole number on hover and focus. */
  readonly coverage?: ComponentChildren;
}

/** An amount, short, with the whole number and what it covers on hover and focus. */
export function Usd({ usd, reason = "The value is not known.", coverage }: UsdProps) {
  if (usd === null) return <Unknown reason={reason} />;
  if (coverage === undefined) return <span class="num">{shortUsd(usd)}</span>;
  const hint = (
    <>
      <strong class="num">{wholeUsd(usd)}</strong>
      <br />
      {coverage}
    </>
  );
  return (
    <Hint hint={hint} class="num">
      {shortUsd(usd)}
    </Hint>
  );
}
