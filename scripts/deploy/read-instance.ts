import { existsSync } from "node:fs";
import { experimental_readRawConfig } from "wrangler";
import { Advice } from "../command-line.ts";
import { messageOf } from "../../src/message-of.ts";
import { type Instance, instanceOf } from "./instance.ts";

/**
 * Reads a configuration of wrangler, TOML or JSON, as one instance.
 * @throws {Advice} where it cannot be read, or lacks what a deployment needs
 */
export function readInstance(path: string, environment: string | null): Instance {
  if (!existsSync(path)) throw new Advice(`There is no configuration ${path}; --config names an existing file.`);
  return instanceOf(readRaw(path), path, environment);
}

function readRaw(path: string): unknown {
  try {
    const { rawConfig }: { readonly rawConfig: unknown } = experimental_readRawConfig({ config: path });
    return rawConfig;
  } catch (error) {
    throw new Advice(`The configuration ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
