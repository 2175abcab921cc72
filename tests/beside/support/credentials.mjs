// The example with names and passwords, as the server behind a front.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { temporaryFolder } from "../../browser/support/program.mjs";
import { later } from "./cleanup.mjs";

/** The example, built beforehand. */
export const EXAMPLE = process.env.VESTIBULE_TEST_CREDENTIALS_EXAMPLE || undefined;

/** Starts it with sessions in the `cookie` or in the `database`. */
export async function startCredentials(t, front, sessions) {
  const folder = await temporaryFolder(t);
  const child = spawn(EXAMPLE, [], {
    env: {
      ...process.env,
      LISTEN: "127.0.0.1:0",
      AUTH_URL: front.origin,
      DATABASE_FILE: join(folder, "p.db"),
      SESSIONS: sessions,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  later(t, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  front.to(/http:\/\/[^/]+/.exec(line)[0]);
}
