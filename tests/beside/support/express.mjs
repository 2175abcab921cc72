// A server of the originals: @auth/express with @auth/pg-adapter, which signs in by e-mail links, or at a provider as well.

import { once } from "node:events";
import { ExpressAuth } from "@auth/express";
import PostgresAdapter from "@auth/pg-adapter";
import express from "express";
import pg from "pg";
import { later } from "./cleanup.mjs";

/** What the original checks by default is less, and it wants in the end what it would have begun with. */
const CHECKS = ["pkce", "state", "nonce"];

/** The provider in the way that the original is told of it. */
function corp({ issuer, client: { client_id, client_secret } }) {
  return { id: "corp", type: "oidc", name: "Corp", issuer, clientId: client_id, clientSecret: client_secret, checks: CHECKS };
}

/** Starts it on a free port; `origin` is where, `address` where browsers think it is, `linkTo` tells the newest link to an address. */
export async function startExpress(t, { databaseUrl, secret, strategy, provider, address, path = "/auth" }) {
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
        ...(provider ? [corp(provider)] : []),
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
  return { name: "express", origin, address, linkTo: async (address) => links.get(address) };
}
