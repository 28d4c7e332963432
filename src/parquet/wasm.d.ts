/** The type that wrangler's `CompiledWasm` rule gives such an import. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
