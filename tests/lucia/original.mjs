// The real Lucia, for the differential test of crates/vestibule-lucia: a call a line comes in as JSON, its answer goes out.
//
// A call is { now, on, call, args } or { now, all: [calls] }; `on` is `lucia`, `adapter`, `Scrypt` or `LegacyScrypt`. An answer is
// { value } or { error }. A point in time among the arguments is { $date: milliseconds }. Lucia asks the clock itself, so the clock
// is set to `now` before the call.

import { createInterface } from "node:readline";
import { mock } from "node:test";
import { NodePostgresAdapter } from "@lucia-auth/adapter-postgresql";
import { LegacyScrypt, Lucia, Scrypt, TimeSpan } from "lucia";
import pg from "pg";

const { LUCIA_DATABASE_URL: connectionString, LUCIA_SCHEMA: schema, LUCIA_EXPIRES_IN: expiresIn } = process.env;

const pool = new pg.Pool({ connectionString, options: `-c search_path=${schema}`, max: 4 });
const adapter = new NodePostgresAdapter(pool, { user: "auth_user", session: "user_session" });
const lucia = new Lucia(adapter, {
  sessionExpiresIn: new TimeSpan(Number(expiresIn), "ms"),
  getSessionAttributes: (attributes) => attributes,
  getUserAttributes: (attributes) => attributes,
});
const receivers = { lucia, adapter, Scrypt: new Scrypt(), LegacyScrypt: new LegacyScrypt() };

async function answer({ on, call, args, all }) {
  if (all) {
    return { value: await Promise.all(all.map(answer)) };
  }
  try {
    return { value: (await receivers[on][call](...args)) ?? null };
  } catch (error) {
    return { error: error.code ?? String(error) };
  }
}

const reviver = (_, value) => (value?.$date === undefined ? value : new Date(value.$date));

mock.timers.enable({ apis: ["Date"] });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line, reviver);
  mock.timers.setTime(request.now);
  process.stdout.write(`${JSON.stringify(await answer(request))}\n`);
}
await pool.end();
