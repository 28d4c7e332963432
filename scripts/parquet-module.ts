import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { initParquet } from "../src/parquet/module.ts";

/** Makes the Parquet module ready in Node. */
export function loadParquet(): void {
  const path = fileURLToPath(import.meta.resolve("parquet-wasm/esm/parquet_wasm_bg.wasm"));
  initParquet(new WebAssembly.Module(readFileSync(path)));
}
