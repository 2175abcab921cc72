// A PostgreSQL database with the tables as @auth/pg-adapter publishes them.

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import pg from "pg";
import { POSTGRES_URL } from "../../browser/support/environment.mjs";
import { later } from "./cleanup.mjs";

const TABLES = new URL("../../../fixtures/published/authjs-pg.sql", import.meta.url);

/** Makes it; it is dropped after the test. */
export async function publishedDatabase(t) {
  const name = `beside_${randomBytes(8).toString("hex")}`;
  const admin = new pg.Client({ connectionString: POSTGRES_URL });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  later(t, async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });
  const url = new URL(POSTGRES_URL);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(await readFile(TABLES, "utf8"));
  await client.end();
  return url.href;
}
