/** A browser without a window: where it is, and with which flags it runs. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/** Variables that name one, the first that is set. */
const VARIABLES = ["OMNISESSION_BROWSER", "CHROMIUM"];

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Chromium is; throws an Error for people where it is not. */
export function found(environment: Environment): string {
  const named = VARIABLES.map((name) => environment[name]).find(Boolean);
  const folders = (environment.PATH ?? "").split(delimiter).filter(Boolean);
  const onPath = (name: string) =>
    name.includes("/") ? [name] : folders.map((folder) => join(folder, name));
  const path = (named ? [named] : NAMES).flatMap(onPath).find((one) => existsSync(one));
  if (path !== undefined) return path;
  const sought = named ? `none at ${named}` : `the PATH has none of ${NAMES.join(", ")}`;
  throw new Error(`There is no Chromium: ${sought}. Install it, or name it in OMNISESSION_BROWSER.`);
}

/** The words that open a page, with a profile of its own. */
export function flags(profile: string, page: string): string[] {
  // As root it does not start in its sandbox.
  const isRoot = process.getuid?.() === 0;
  return [
    "--headless",
    ...(isRoot ? ["--no-sandbox"] : []),
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-logging=stderr",
    `--user-data-dir=${profile}`,
    page,
  ];
}
