import { computed, effect, signal } from "@preact/signals";
import { keep, readKept } from "./kept.ts";

/** What a visitor chose. It stays in this browser. */
export type Theme = "system" | "light" | "dark";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

const MAX_FAVOURITES = 12;
const DEFAULT_FAVOURITES = ["BTC", "ETH", "SOL"];

export const theme = signal<Theme>(THEMES.find((name) => name === readKept("theme")) ?? "system");
const systemIsDark = signal(matchMedia("(prefers-color-scheme: dark)").matches);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => (systemIsDark.value = matches));

/** The theme that is shown; charts are drawn with its colours. */
export const shownTheme = computed<"light" | "dark">(() =>
  theme.value === "system" ? (systemIsDark.value ? "dark" : "light") : theme.value,
);

export const favourites = signal<readonly string[]>(readFavourites());

export function toggleFavourite(symbol: string): void {
  const before = favourites.peek();
  favourites.value = before.includes(symbol) ? before.filter((name) => name !== symbol) : [...before, symbol].slice(-MAX_FAVOURITES);
}

function readFavourites(): readonly string[] {
  const text = readKept("favourites");
  if (text === null) return DEFAULT_FAVOURITES;
  return text
    .split(",")
    .filter((name) => name !== "")
    .slice(0, MAX_FAVOURITES);
}

/** Writes choices into the page and into this browser's storage as they change. */
export function startPreferences(): void {
  effect(() => {
    document.documentElement.dataset.theme = shownTheme.value;
  });
  let isFirst = true;
  effect(() => {
    const [chosen, names] = [theme.value, favourites.value.join(",")];
    // What was only read need not be written.
    if (isFirst) return void (isFirst = false);
    keep("theme", chosen === "system" ? null : chosen);
    keep("favourites", names);
  });
}
