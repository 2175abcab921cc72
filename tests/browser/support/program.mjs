// Starts the real program in a folder of its own, and stops it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PROGRAM } from "./environment.mjs";

/** Variables that would tell the program more than the test does. */
const TELLING = /^(AUTH_|EMAIL_|DATABASE_|VESTIBULE_CONFIG$|RUST_LOG$)/;
const OWN_ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !TELLING.test(name)));

/** What has to end with this process, whatever ends it. */
const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** A temporary folder that is gone after the test. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "vestibule-browser-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Runs the program to its end: `{ code, stdout, stderr }`. */
export async function run(folder, args, env = {}) {
  const child = spawn(PROGRAM, args, {
    cwd: folder,
    env: { ...OWN_ENVIRONMENT, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  }
  const [code] = await once(child, "close");
  return { code, ...output };
}

/**
 * Starts `vestibule` and waits until it says what to open; it is stopped after the test. `config` is the text of a
 * configuration file.
 *
 * `origin` is where it listens, `invitation` what it said, `logs()` what it wrote to standard error, and
 * `stop()` ends it as an operator would, which must succeed.
 */
export async function startProgram(t, { args = [], env = {}, listen = "127.0.0.1:0", folder, config } = {}) {
  folder ??= await temporaryFolder(t);
  if (config !== undefined) {
    const file = join(folder, "vestibule.toml");
    await writeFile(file, config);
    args = ["--config", file, ...args];
  }
  const child = spawn(PROGRAM, ["--listen", listen, ...args], {
    cwd: folder,
    env: { ...OWN_ENVIRONMENT, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  children.add(child);
  ended.finally(() => children.delete(child));
  let logs = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (logs += text));

  let stopping;
  const stop = () =>
    (stopping ??= (async () => {
      child.kill("SIGTERM");
      const overdue = setTimeout(() => child.kill("SIGKILL"), 20_000);
      const [code, signal] = await ended;
      clearTimeout(overdue);
      assert.deepEqual({ code, signal }, { code: 0, signal: null }, `the program ends well\n${logs}`);
    })());
  t.after(stop);

  const lines = createInterface({ input: child.stdout });
  const [invitation] = await Promise.race([
    once(lines, "line"),
    ended.then(([code]) => {
      stopping = Promise.resolve();
      throw new Error(`the program did not start (${code}):\n${logs}`);
    }),
  ]);
  // Where it is reached may be elsewhere, and is named first.
  const [, host, port] = [...invitation.matchAll(/(127\.0\.0\.1|localhost):(\d+)/g)].at(-1) ?? [];
  assert.ok(port, `the first line names the port: ${invitation}`);
  return { folder, invitation, origin: `http://${host}:${port}`, logs: () => logs, stop };
}
