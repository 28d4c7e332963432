import wasm from "parquet-wasm/esm/parquet_wasm_bg.wasm";
import { initParquet } from "../../src/parquet/module.ts";

/** Makes the Parquet module ready in a Worker, which compiles what it imports as `.wasm` when it is deployed. */
export function loadParquet(): void {
  initParquet(wasm);
}
