import type { Endpoints } from "../../src/exchanges/exchange.ts";

/**
 * The path of a request behind the base address. The path of a base address that somebody gave may be a secret, such as that of
 * a gateway, and so may user, query and fragment.
 */
function pathBehind(url: string, { rest, ws }: Endpoints): string {
  const base = [rest, ws].toSorted((a, b) => b.length - a.length).find((one) => url === one || url.startsWith(`${one}/`));
  return base === undefined ? new URL(url).pathname : new URL(`${new URL(url).origin}${url.slice(base.length)}`).pathname;
}

/** The address of a request as it may be shown: its host, and the path behind the base address. */
export function shownAddress(url: string, endpoints: Endpoints): string {
  return `${new URL(url).origin}${pathBehind(url, endpoints)}`;
}

/** The text without the paths of base addresses, which a gateway may repeat in what it answers. */
export function withoutBasePaths(text: string, { rest, ws }: Endpoints): string {
  const paths = [rest, ws].flatMap((base) => [new URL(base).pathname, base.replace(/^https?:\/\/[^/]*/, "")]);
  const hidden = new Set(paths.map((path) => path.replace(/\/+$/, "")).filter((path) => path.length > 1));
  return [...hidden].toSorted((a, b) => b.length - a.length).reduce((shown, path) => shown.replaceAll(path, "/…"), text);
}
