// A server of Auth.js and ours beside each other: one database, one secret, and nobody can tell which one answered.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { missing } from "../browser/support/environment.mjs";
import { publishedDatabase } from "./support/database.mjs";
import { startExpress } from "./support/express.mjs";
import { startVestibule } from "./support/vestibule.mjs";
import { Visitor } from "./support/visitor.mjs";

const STEPS = 1000;

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

/** Numbers that look random and are the same each time (mulberry32). */
function dice(seed) {
  return (sides) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * sides);
  };
}

/** Does the same steps on whichever server `choose` names, and writes down what came of each. */
async function walk(seed, choose) {
  const roll = dice(seed);
  const visitors = Array.from({ length: 4 }, () => new Visitor());
  const links = [];
  const diary = [];
  for (let step = 0; step < STEPS; step += 1) {
    const [what, who, whom, which] = [roll(10), roll(4), roll(3), roll(1000)];
    const server = choose(step);
    const visitor = visitors[who];
    const address = `user${whom}@example.com`;
    let result;
    if (what < 2) {
      result = await visitor.ask(server, address);
      links.push(await server.linkTo(address));
    } else if (what < 5 && links.length > 0) {
      // Mostly the newest, so that somebody gets in; at times one that was used long ago.
      const link = links[roll(4) === 0 ? which % links.length : links.length - 1];
      result = await visitor.redeem(server, link);
    } else if (what === 5) {
      result = await visitor.signOut(server);
    } else if (what === 6) {
      const forged = await visitor.send(server, "/auth/signout", { method: "POST", form: { csrfToken: "x" } });
      result = { status: forged.status, to: forged.headers.get("location")?.replace(server.origin, "") };
    } else {
      result = await visitor.session(server);
    }
    diary.push({ step, what, who, result });
  }
  return diary;
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

    it(`${STEPS} steps on both in turn end as on the original alone`, async (t) => {
      const seed = 20261127;
      const servers = await both(t, strategy);
      const coin = dice(7);
      const mixed = await walk(seed, () => servers[coin(2)]);

      const databaseUrl = await publishedDatabase(t);
      const alone = await startExpress(t, { databaseUrl, secret: randomBytes(33).toString("base64"), strategy });
      const original = await walk(seed, () => alone);

      for (const [step, expected] of original.entries()) assert.deepEqual(mixed[step], expected);
      const signedIn = original.filter(({ result }) => result.user).length;
      assert.ok(signedIn > STEPS / 20, `somebody was signed in now and then: ${signedIn}`);
    });
  });
}
