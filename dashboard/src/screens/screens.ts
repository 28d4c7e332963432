import type { ComponentType } from "preact";
import type { IconName } from "../shell/icon.tsx";

/** What every screen is given: the part of the address below its own, the id in `/cascades/{id}`; null where there is none. */
export interface ScreenProps {
  readonly below: string | null;
}

/** A screen of the dashboard. To add one, add a folder here and an entry below, see docs/dashboard.md. */
export interface Screen {
  /** Its address; one that ends with `/` also owns what is below, such as `/cascades/{id}`. */
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** The key that opens it. */
  readonly key: string;
  readonly load: () => Promise<ComponentType<ScreenProps>>;
}

export const SCREENS: readonly Screen[] = [
  { path: "/", title: "Live", icon: "pulse", key: "1", load: async () => (await import("./live/live-screen.tsx")).LiveScreen },
  {
    path: "/cascades",
    title: "Cascades",
    icon: "cascade",
    key: "2",
    load: async () => (await import("./cascades/cascades-screen.tsx")).CascadesScreen,
  },
  {
    path: "/venues",
    title: "Venues",
    icon: "venues",
    key: "3",
    load: async () => (await import("./venues/venues-screen.tsx")).VenuesScreen,
  },
  {
    path: "/signals",
    title: "Signals",
    icon: "signals",
    key: "4",
    load: async () => (await import("./signals/signals-screen.tsx")).SignalsScreen,
  },
  { path: "/data", title: "Data", icon: "data", key: "5", load: async () => (await import("./data/data-screen.tsx")).DataScreen },
  { path: "/rules", title: "Rules", icon: "rules", key: "6", load: async () => (await import("./rules/rules-screen.tsx")).RulesScreen },
  {
    path: "/status",
    title: "Status",
    icon: "status",
    key: "7",
    load: async () => (await import("./status/status-screen.tsx")).StatusScreen,
  },
];

/** The screen of a path, and the part of the path below it: the id in `/cascades/{id}`, or null. */
export function screenOf(path: string): { readonly screen: Screen; readonly below: string | null } | null {
  const exact = SCREENS.find((screen) => screen.path === path);
  if (exact !== undefined) return { screen: exact, below: null };
  const parent = SCREENS.find((screen) => screen.path !== "/" && path.startsWith(`${screen.path}/`));
  if (parent === undefined) return null;
  return { screen: parent, below: decode(path.slice(parent.path.length + 1)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
