import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { requireFolder, requirePort } from "../../scripts/machine.ts";
import { readPortOption } from "../../scripts/number-option.ts";

test("a port that is taken is refused in one sentence that names another", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await expect(requirePort(port)).rejects.toThrow(
    `Port ${port} is taken; end the program that uses it, or choose another with --port (0: any free one).`,
  );
});

test("a free port is free after it was tried", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  await requirePort(port);
  await requirePort(port);
});

test("a port is a whole number", () => {
  expect(readPortOption("8787")).toBe(8787);
  for (const text of ["80.5", "65536", "-1", "http", ""]) {
    expect(() => readPortOption(text)).toThrow(`--port is ${JSON.stringify(text)}; allowed: a whole number from 0 to 65535`);
  }
});

test("a folder is made where it is missing, and nothing is left in it", async () => {
  const parent = await mkdtemp(join(tmpdir(), "machine-"));
  onTestFinished(() => rm(parent, { recursive: true }));
  await requireFolder("--state", join(parent, "a/b"));
  expect(await readdir(join(parent, "a/b"))).toEqual([]);
});

test("a folder that cannot be is refused in one sentence", async () => {
  const parent = await mkdtemp(join(tmpdir(), "machine-"));
  onTestFinished(() => rm(parent, { recursive: true }));
  await writeFile(join(parent, "file"), "");
  const folder = join(parent, "file/state");
  await expect(requireFolder("--state", folder)).rejects.toThrow(
    `Nothing can be written to ${folder} (ENOTDIR); choose another folder with --state.`,
  );
});
