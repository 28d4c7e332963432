/**
 * The addresses of the dashboard's screens, with or without one part below, such as `/cascades/{id}`. `/` is served as an asset
 * without the Worker; every other address that nothing answers stays a 404 of the API.
 */
const SCREENS = new Set(["cascades", "venues", "signals", "data", "rules", "status"]);

/** Whether a request is for a screen, which the browser's part of the dashboard tells apart. */
export function isScreen({ method, url }: Pick<Request, "method" | "url">): boolean {
  const [screen = "", , ...further] = new URL(url).pathname.slice(1).split("/");
  return (method === "GET" || method === "HEAD") && further.length === 0 && SCREENS.has(screen);
}

/** Whether a browser opens an address outside the API, such as an old bookmark: where nothing answers it, the dashboard says so. */
export function isVisit({ method, url, headers }: Pick<Request, "method" | "url" | "headers">): boolean {
  return method === "GET" && headers.get("Sec-Fetch-Mode") === "navigate" && !new URL(url).pathname.startsWith("/v1/");
}
