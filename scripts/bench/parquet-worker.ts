import type { Liquidation } from "../../src/liquidation.ts";
import { readLiquidations } from "../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { loadParquet } from "../../workers/r2/parquet-module.ts";

/**
 * Runs the Parquet writer and reader in a built Worker, where compiling code from text is refused. Rows come as JSON
 * in the request. `/encode?times=` writes them that often and answers the last file, `/round-trip` the rows as read
 * back from it, `/compiles-text` whether code from text is let through after all.
 */
// oxlint-disable-next-line import/no-default-export -- a Worker's handler is its module's default export
export default {
  async fetch(request: Request): Promise<Response> {
    loadParquet();
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/compiles-text") return Response.json(compilesText());
    const rows = (await request.json()) as readonly Liquidation[];
    if (pathname === "/round-trip") return Response.json(readLiquidations(encodeLiquidations(rows, { metadata: {} })));
    let file = new Uint8Array();
    for (let time = 0; time < Number(searchParams.get("times")); time++) file = encodeLiquidations(rows, { metadata: {} }).slice();
    return new Response(file);
  },
};

function compilesText(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}
