// Where the parts of the test are. `cargo xtask test` sets all of these.

import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const set = (name) => process.env[name] || undefined;

/** The program under test, built beforehand. */
export const PROGRAM =
  set("VESTIBULE_TEST_PROGRAM") ??
  join(resolve(root, set("CARGO_TARGET_DIR") ?? "target"), "debug", "vestibule");

/** Debian's Chromium, or the one that is named. */
export const CHROMIUM = set("VESTIBULE_TEST_CHROMIUM") ?? "/usr/bin/chromium";

/** A superuser's database; `undefined` skips the tests on PostgreSQL. */
export const POSTGRES_URL = set("VESTIBULE_TEST_POSTGRES_URL");

/** A mail server, and the folder where it leaves what it receives; `undefined` skips the tests on SMTP. */
export const SMTP_URL = set("VESTIBULE_TEST_SMTP_URL");
export const SMTP_DIR = set("VESTIBULE_TEST_SMTP_DIR");

/** Why tests on a server are skipped, or `false`. In continuous integration nothing is. */
export function missing(...names) {
  const absent = names.filter((name) => !set(name));
  if (absent.length === 0) return false;
  const reason = `${absent.join(" and ")} not set`;
  if (!["", "0", "false"].includes(process.env.CI ?? "")) throw new Error(`${reason}, in continuous integration`);
  return reason;
}

/** The file in which a screenshot is kept. */
export function screenshot(name) {
  const folder = join(set("VESTIBULE_TEST_ARTIFACTS") ?? join(root, "artifacts"), "screenshots");
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}

for (const [name, path] of Object.entries({ VESTIBULE_TEST_PROGRAM: PROGRAM, VESTIBULE_TEST_CHROMIUM: CHROMIUM })) {
  if (!existsSync(path)) throw new Error(`there is no ${path}; build or install it, or set ${name}`);
}
