// A server of the originals that signs in by passkeys: @auth/express with @auth/drizzle-adapter, which has a table for them.

import { once } from "node:events";
import Passkey from "@auth/core/providers/passkey";
import { DrizzleAdapter } from "@auth/drizzle-adapter";
import { ExpressAuth } from "@auth/express";
import { drizzle } from "drizzle-orm/node-postgres";
import express from "express";
import pg from "pg";
import { later } from "./cleanup.mjs";

/** Starts it on a free port; `linkTo` tells the newest link to an address. */
export async function startOriginal(t, { databaseUrl, secret, path }) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 5 });
  // A connection that is still closing when the database is dropped.
  pool.on("error", () => {});
  const links = new Map();
  const app = express();
  app.use(
    `${path}/*`,
    ExpressAuth({
      trustHost: true,
      secret,
      adapter: DrizzleAdapter(drizzle(pool)),
      session: { strategy: "database" },
      experimental: { enableWebAuthn: true },
      // What the tests expect to go wrong is not worth the console, nor that this is experimental there.
      logger: { error() {}, warn() {}, debug() {} },
      providers: [
        Passkey,
        {
          id: "email",
          type: "email",
          name: "Email",
          from: "app@example.com",
          maxAge: 24 * 60 * 60,
          sendVerificationRequest: ({ identifier, url }) => void links.set(identifier, url),
        },
      ],
    }),
  );
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  later(t, async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await pool.end();
  });
  return { name: "Auth.js", origin: `http://127.0.0.1:${server.address().port}`, linkTo: async (address) => links.get(address) };
}
