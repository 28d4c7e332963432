import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

test("the demo stores every liquidation sent in R2, D1 and Supabase once, and says so", async () => {
  const script = resolve(import.meta.dirname, "../../scripts/demo.ts");
  const child = spawn(process.execPath, [script, "--minutes", "0.5", "--rate", "20"], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (output += part.toString()));
  const code = await new Promise((done) => child.on("close", done));
  expect(output).toContain("sent = R2 = D1 = Supabase, each liquidation once.");
  expect(output).toMatch(/│ kucoin {3}│ live {2}│ none/);
  expect(code, output).toBe(0);
});
