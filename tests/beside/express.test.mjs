// A server of Auth.js and ours beside each other: one database, one secret, and nobody can tell which one answered.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { missing } from "../browser/support/environment.mjs";
import { publishedDatabase } from "./support/database.mjs";
import { startExpress } from "./support/express.mjs";
import { startVestibule } from "./support/vestibule.mjs";
import { Visitor } from "./support/visitor.mjs";

/** Both servers on one database. */
async function both(t, strategy) {
  const shared = { databaseUrl: await publishedDatabase(t), secret: randomBytes(33).toString("base64"), strategy };
  return [await startExpress(t, shared), await startVestibule(t, shared)];
}

async function signIn(visitor, asked, redeemed, address) {
  assert.equal((await visitor.ask(asked, address)).status, 302);
  const link = await asked.linkTo(address);
  assert.deepEqual(await visitor.redeem(redeemed, link), { status: 302, to: "/home" });
}

for (const strategy of ["database", "jwt"]) {
  describe(`beside @auth/express, sessions by ${strategy}`, { skip: missing("VESTIBULE_TEST_POSTGRES_URL") }, () => {
    it("who is signed in on one is signed in on the other, whoever made the link", async (t) => {
      const servers = await both(t, strategy);
      for (const asked of servers) {
        for (const redeemed of servers) {
          const visitor = new Visitor();
          const address = `${asked.name}.${redeemed.name}@example.com`;

          await signIn(visitor, asked, redeemed, address);

          for (const server of [...servers, ...servers]) {
            const user = { name: null, email: address, image: null };
            assert.deepEqual(await visitor.session(server), { status: 200, user }, server.name);
          }
        }
      }
    });

    it("who signs out on one is signed out on the other", async (t) => {
      const servers = await both(t, strategy);
      for (const [one, other] of [servers, servers.toReversed()]) {
        const visitor = new Visitor();
        await signIn(visitor, one, one, "ada@example.com");
        const thief = visitor.copy();

        assert.deepEqual(await visitor.signOut(other), { status: 302, to: "/bye" });

        assert.equal((await visitor.session(one)).user, null);
        // A row that is gone is gone for every copy of the cookie; a token in the cookie cannot be taken back.
        const copies = strategy === "database" ? null : "ada@example.com";
        assert.equal((await thief.session(one)).user?.email ?? null, copies);
      }
    });

    it("a link counts once, wherever it was used", async (t) => {
      const servers = await both(t, strategy);
      for (const [one, other] of [servers, servers.toReversed()]) {
        const visitor = new Visitor();
        await visitor.ask(one, "ada@example.com");
        const link = await one.linkTo("ada@example.com");
        await visitor.redeem(one, link);

        const again = await new Visitor().redeem(other, link);

        assert.deepEqual(again, { status: 302, to: "/auth/error?error=Verification" });
      }
    });
  });
}
