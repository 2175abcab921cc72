// What is in the database, read by other means than the program's own.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { POSTGRES_URL } from "./environment.mjs";
import { run } from "./program.mjs";

const execute = promisify(execFile);

/** The tables in the program's SQLite file, read and changed by SQLite's own shell. */
export function sqliteFile(program, name = "vestibule.db") {
  const rows = async (table) => {
    const file = join(program.folder, name);
    const { stdout } = await execute("sqlite3", ["-readonly", "-json", file, `SELECT * FROM "${table}"`]);
    return stdout.trim() === "" ? [] : JSON.parse(stdout);
  };
  const change = (sql) => execute("sqlite3", ["-cmd", ".timeout 5000", join(program.folder, name), sql]);
  return { rows, change };
}

/**
 * A PostgreSQL database with the tables that `vestibule schema apply --yes` makes, told `more`; dropped after the test.
 *
 * `refuse()` makes it unreachable, as an outage would, and `admit()` ends that.
 */
export async function postgresDatabase(t, folder, more = []) {
  const name = `browser_${randomBytes(8).toString("hex")}`;
  const url = new URL(POSTGRES_URL);
  const admin = new pg.Client({ connectionString: POSTGRES_URL });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  t.after(async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });
  url.pathname = `/${name}`;

  const applied = await run(folder, ["schema", "apply", "--yes", "--database-url", url.href, ...more]);
  if (applied.code !== 0) throw new Error(`schema apply failed:\n${applied.stdout}${applied.stderr}`);

  const change = async (sql) => {
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const rows = (table) => change(`SELECT * FROM "${table}"`);
  const refuse = async () => {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
  };
  const admit = () => admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  return { url: url.href, rows, change, refuse, admit };
}
