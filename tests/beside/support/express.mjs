// A server of the originals: @auth/express with @auth/pg-adapter, which signs in by e-mail links.

import { once } from "node:events";
import { ExpressAuth } from "@auth/express";
import PostgresAdapter from "@auth/pg-adapter";
import express from "express";
import pg from "pg";
import { later } from "./cleanup.mjs";

/** Starts it on a free port; `origin` is where, `links` holds the newest link of each address. */
export async function startExpress(t, { databaseUrl, secret, strategy }) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 5 });
  // A connection that is still closing when the database is dropped.
  pool.on("error", () => {});
  const links = new Map();
  const app = express();
  app.use(
    "/auth/*",
    ExpressAuth({
      trustHost: true,
      secret,
      adapter: PostgresAdapter(pool),
      session: { strategy },
      // What the tests expect to go wrong is not worth the console.
      logger: { error() {}, warn() {}, debug() {} },
      providers: [
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
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { name: "express", origin, linkTo: async (address) => links.get(address) };
}
