// A thousand steps of people who sign in by links and at a provider, link accounts, come too late and sign out: on a
// server of Auth.js alone, on ours alone, and on both in turn, with every answer and the tables in the end compared.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import pg from "pg";
import { missing } from "../browser/support/environment.mjs";
import { later } from "./support/cleanup.mjs";
import { publishedDatabase } from "./support/database.mjs";
import { startExpress } from "./support/express.mjs";
import { startProvider } from "./support/openid.mjs";
import { startVestibule } from "./support/vestibule.mjs";
import { dice, walk } from "./support/walk.mjs";

const STEPS = Number(process.env.VESTIBULE_TEST_STEPS ?? 1000);
const SEED = Number(process.env.VESTIBULE_TEST_SEED ?? 20261128);
/** Where browsers think that all of the servers are. Nobody listens there. */
const ADDRESS = "http://localhost:3000";

/** Servers on a database of their own, the provider that sends people back to them, and who is asked next. */
async function world(t, strategy, starts) {
  const provider = await startProvider(t, `${ADDRESS}/auth/callback/corp`);
  const databaseUrl = await publishedDatabase(t);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  later(t, () => client.end());
  const secret = randomBytes(33).toString("base64");
  const shared = { databaseUrl, secret, strategy, provider, address: ADDRESS, url: `${ADDRESS}/auth` };
  const servers = [];
  for (const start of starts) servers.push(await start(t, shared));
  const coin = dice(7);
  return { strategy, secret, client, issuer: provider.issuer, address: ADDRESS, next: () => servers[coin(servers.length)] };
}

for (const strategy of ["database", "jwt"]) {
  describe(`a walk, sessions by ${strategy}`, { skip: missing("VESTIBULE_TEST_POSTGRES_URL") }, () => {
    it(`${STEPS} steps end as on the original alone, on both in turn and on ours alone`, async (t) => {
      const original = await walk(await world(t, strategy, [startExpress]), SEED, STEPS);
      const ours = await walk(await world(t, strategy, [startVestibule]), SEED, STEPS);
      const mixed = await walk(await world(t, strategy, [startExpress, startVestibule]), SEED, STEPS);

      for (const other of [ours, mixed]) {
        for (const [step, expected] of original.diary.entries()) {
          assert.deepEqual(other.diary[step], expected, `request ${step}`);
        }
        assert.deepEqual(other.tables, original.tables);
      }
      assert.equal(ours.left, 0);

      // What the walk is for did happen.
      const count = (fits) => original.diary.filter(fits).length;
      const met = {
        links: count(({ what, to }) => what === "back by a link" && to === "/home"),
        providers: count(({ what, to }) => what.startsWith("back from a provider") && to === "/home"),
        refused: count(({ to }) => /OAuthAccountNotLinked/.test(to)),
        turnedBack: count(({ to }) => /OAuthCallbackError/.test(to)),
        tampered: count(({ what, to }) => what.startsWith("back from a provider") && /Configuration/.test(to)),
        replayed: count(({ what, to }) => what === "back a second time" && /Configuration/.test(to)),
        signedIn: count(({ what, body }) => what.startsWith("read the session") && body?.user),
        signedOut: count(({ what, body }) => what.startsWith("read the session") && !body),
        linked: original.tables.accounts.length - new Set(original.tables.accounts.map(({ userId }) => userId)).size,
      };
      for (const [name, times] of Object.entries(met)) assert.ok(times * 500 > STEPS, `${name}: ${JSON.stringify(met)}`);
      t.diagnostic(JSON.stringify(met));
    });
  });
}
