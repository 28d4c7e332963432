import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** The address is the state of a screen: path, and parameters such as the symbol. A link shows the same to anyone. */
const address = signal(read());

function read(): { readonly path: string; readonly parameters: URLSearchParams } {
  const { pathname, search } = location;
  const path = pathname.length > 1 && pathname.endsWith("/") ? pathname.slice(0, -1) : pathname;
  return { path, parameters: new URLSearchParams(search) };
}

export const path = computed(() => address.value.path);

/** A parameter of the address; null where it is not given or empty. Reading it in a component follows it. */
export function parameter(name: string): string | null {
  const value = address.value.parameters.get(name)?.trim() ?? "";
  return value === "" ? null : value;
}

/** A path with the base asset that is shown, which stays from screen to screen. */
export function withSymbol(target: string): string {
  const symbol = parameter("symbol");
  return symbol === null ? target : `${target}?${new URLSearchParams({ symbol }).toString()}`;
}

export function go(href: string): void {
  history.pushState(null, "", href);
  address.value = read();
  scrollTo(0, 0);
}

/** Changes parameters in place; null removes one. Back leads to the screen before, not through every filter. */
export function setParameters(changes: Readonly<Record<string, string | null>>): void {
  const { path: current, parameters } = address.peek();
  const next = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  const search = next.toString();
  history.replaceState(null, "", search === "" ? current : `${current}?${search}`);
  address.value = read();
}

export function startRouter(): void {
  addEventListener("popstate", () => (address.value = read()));
}

interface LinkProps {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly "aria-label"?: string;
  readonly "aria-current"?: "page" | undefined;
  readonly "aria-keyshortcuts"?: string;
}

/** A link inside the dashboard, without loading the page again. New tabs, downloads and modified clicks stay the browser's. */
export function Link({ href, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}
