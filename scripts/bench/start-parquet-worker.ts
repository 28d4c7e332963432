import { fileURLToPath } from "node:url";
import { unstable_startWorker } from "wrangler";

export interface ParquetWorker extends AsyncDisposable {
  post(path: string, body: unknown): Promise<Response>;
}

/** Builds and starts `parquet-worker.ts` in workerd, as `wrangler deploy` would build it. */
export async function startParquetWorker(): Promise<ParquetWorker> {
  const worker = await unstable_startWorker({
    config: fileURLToPath(new URL("parquet-worker.toml", import.meta.url)),
    dev: { server: { port: 0 }, inspector: false, logLevel: "error", persist: false, watch: false },
  });
  await worker.ready;
  return {
    post: async (path, body) => {
      const response = await worker.fetch(`http://parquet-bench${path}`, { method: "POST", body: JSON.stringify(body) });
      return new Response(await response.arrayBuffer(), { status: response.status });
    },
    [Symbol.asyncDispose]: () => worker.dispose(),
  };
}
