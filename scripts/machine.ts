import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { Advice } from "./command-line.ts";

/**
 * A port of this machine that a server is to listen on; 0 is any free one.
 * @throws {Advice} where it cannot be listened on
 */
export async function requirePort(port: number): Promise<void> {
  const server = createServer();
  try {
    const failed = once(server, "error").then(([error]) => Promise.reject(error as Error));
    server.listen(port, "127.0.0.1");
    await Promise.race([once(server, "listening"), failed]);
  } catch (error) {
    throw new Advice(portAdvice(port, codeOf(error)), { cause: error });
  }
  server.close();
  await once(server, "close");
}

function portAdvice(port: number, code: string): string {
  if (code === "EADDRINUSE") return `Port ${port} is taken; end the program that uses it, or choose another with --port (0: any free one).`;
  if (code === "EACCES") return `Port ${port} may not be used by you; choose one from 1024 on with --port.`;
  return `Port ${port} cannot be used (${code}); choose another with --port.`;
}

/**
 * Makes a folder where it is missing, and tries whether it can be written to.
 * @param option what the folder was named by, such as `--state`
 * @throws {Advice} where it cannot
 */
export async function requireFolder(option: string, folder: string): Promise<void> {
  const probe = join(folder, `probe-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    throw new Advice(`Nothing can be written to ${folder} (${codeOf(error)}); choose another folder with ${option}.`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
