import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const ROOT = new URL("../..", import.meta.url).pathname;

/** The address of a server that has ended. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

test("a command whose reader has enough ends without a word", async () => {
  const forever = `import { runCommand } from "./scripts/command-line.ts";
    await runCommand({ usage: "", readOptions: () => null, run: async () => {
      for (;;) { console.log("line"); await new Promise((resolve) => setTimeout(resolve, 1)); }
    } });`;
  const piped = '"$0" --input-type=module --eval "$1" | head -2';
  expect(await run("sh", ["-c", piped, process.execPath, forever], { cwd: ROOT })).toEqual({ stdout: "line\nline\n", stderr: "" });
});

test("watching a Worker that is not running ends with one sentence that says what to do", async () => {
  const url = await nowhere();
  const watched = run(process.execPath, ["scripts/watch.ts", "--url", url], { cwd: ROOT });
  await expect(watched).rejects.toMatchObject({
    code: 1,
    stderr: `${url} cannot be reached: ECONNREFUSED; is it running? npm start starts it, --url names another\n`,
  });
});
