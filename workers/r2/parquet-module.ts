import wasm from "parquet-wasm/esm/parquet_wasm_bg.wasm";
import { initParquet } from "../../src/parquet/module.ts";

/** Initializes the Parquet module in a Worker, which compiles imported `.wasm` files on deployment. */
export function loadParquet(): void {
  initParquet(wasm);
}
