import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

const CACHE = resolve(import.meta.dirname, "../node_modules/.cache");
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** Chromium itself, the libraries a machine without a desktop lacks, and a font to draw text with. */
const ARCHIVES = ["chromium.br", "al2023.tar.br", "fonts.tar.br"];
const FONTS_CONF = "fonts.conf";
/** The packaged configuration looks in folders of Lambda; Chromium ends itself where it finds no font at all. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;
const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** Opens the Chromium of the dev dependencies; it is built for Linux on x64, elsewhere an installed Chrome is opened. */
export async function openBrowser(): Promise<Browser> {
  if (process.platform === "linux" && process.arch === "x64") {
    const folder = await unpackedChromium();
    const env = { ...process.env, LD_LIBRARY_PATH: join(folder, "al2023/lib"), FONTCONFIG_FILE: join(folder, FONTS_CONF) };
    return chromium.launch({ executablePath: join(folder, "chromium"), args: QUIET, env });
  }
  const executablePath = INSTALLED.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(`The tests of pages need a browser. Install Google Chrome or Chromium at one of ${INSTALLED.join(", ")}.`);
  }
  return chromium.launch({ executablePath, args: QUIET });
}

/** Unpacks the packaged Chromium once a version. @returns the folder it lies in */
async function unpackedChromium(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const { version } = createRequire(import.meta.url)(resolve(entry, "../../package.json")) as { version: string };
  const folder = join(CACHE, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  // Another run may unpack it at the same time, so the folder appears under its name only when it is whole.
  const partial = await mkdtemp(join(CACHE, "chromium-partial-"));
  await unpackInto(partial, entry);
  await writeFile(join(partial, FONTS_CONF), FONTS);
  await rename(partial, folder).catch(async (error: unknown) => {
    await rm(partial, { recursive: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}

/**
 * The package unpacks into the folder for temporary files, which any other program may have filled before: a process of its
 * own has another such folder, so that a Worker which starts meanwhile keeps its own.
 */
async function unpackInto(folder: string, entry: string): Promise<void> {
  const archives = ARCHIVES.map((name) => join(resolve(entry, "../../bin"), name));
  const code = `const { inflate } = await import(${JSON.stringify(pathToFileURL(entry).href)}); await Promise.all(process.argv.slice(1).map((path) => inflate(path)));`;
  const env = { ...process.env, TMPDIR: folder };
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code, ...archives], { env });
}
