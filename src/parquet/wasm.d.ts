/** What wrangler's `CompiledWasm` rule makes of such an import. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
