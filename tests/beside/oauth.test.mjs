// A sign-in at a real OpenID provider that begins on a server of Auth.js and ends on ours, and the other way round.
//
// Both are behind one front, so that a browser sees one origin and the provider one address to come back to.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { launch } from "../browser/support/browser.mjs";
import { missing } from "../browser/support/environment.mjs";
import { publishedDatabase } from "./support/database.mjs";
import { startExpress } from "./support/express.mjs";
import { startFront } from "./support/front.mjs";
import { signInAtProvider, startProvider } from "./support/openid.mjs";
import { startVestibule } from "./support/vestibule.mjs";

const BASE = "/api/auth";
const COOKIES = ["authjs.nonce", "authjs.pkce.code_verifier", "authjs.state"];

for (const strategy of ["database", "jwt"]) {
  describe(`a sign-in on two servers, sessions by ${strategy}`, { skip: missing("VESTIBULE_TEST_POSTGRES_URL") }, () => {
    let browser;
    before(async () => (browser = await launch()));
    after(() => browser.close());

    async function both(t) {
      const front = await startFront(t);
      const provider = await startProvider(t, `${front.origin}${BASE}/callback/corp`);
      const databaseUrl = await publishedDatabase(t);
      const shared = { databaseUrl, secret: randomBytes(33).toString("base64"), strategy, provider };
      const express = await startExpress(t, { ...shared, path: BASE });
      const vestibule = await startVestibule(t, { ...shared, url: `${front.origin}${BASE}` });
      return { front, databaseUrl, orders: [[express, vestibule], [vestibule, express]] };
    }

    async function visit(t, front) {
      const context = await browser.newContext({ baseURL: front.origin });
      t.after(() => context.close());
      context.setDefaultTimeout(30_000);
      return context.newPage();
    }

    /** From the page of one server to the provider, which brings the browser back to the other. */
    async function signIn(page, front, [begun, ended], inBetween = async () => {}) {
      front.to(begun.origin);
      await page.goto(`${BASE}/signin?callbackUrl=/?home`);
      await page.getByRole("button", { name: "Sign in with Corp" }).click();
      await page.locator('input[name="login"]').waitFor();
      await inBetween();
      front.to(ended.origin);
      await signInAtProvider(page, "jane");
    }

    async function kept(page, front) {
      const cookies = await page.context().cookies(front.origin);
      return cookies.map(({ name }) => name).filter((name) => COOKIES.includes(name)).toSorted();
    }

    it("ends where it did not begin, and is one person's", async (t) => {
      const { front, databaseUrl, orders } = await both(t);
      for (const order of orders) {
        const page = await visit(t, front);
        const way = order.map(({ name }) => name).join(" to ");

        await signIn(page, front, order, async () => assert.deepEqual(await kept(page, front), COOKIES, way));

        await page.waitForURL("**/?home");
        assert.deepEqual(await kept(page, front), [], way);
        for (const server of order) {
          front.to(server.origin);
          const session = await (await page.request.get(`${BASE}/session`)).json();
          const image = "https://example.com/jane.jpg";
          assert.deepEqual(session.user, { name: "Jane Doe", email: "jane@example.com", image }, `${way}, ${server.name}`);
        }
      }
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      const { rows } = await client.query('SELECT u.email, a.provider, a."providerAccountId" AS there FROM users u JOIN accounts a ON a."userId" = u.id');
      await client.end();
      assert.deepEqual(rows, [{ email: "jane@example.com", provider: "corp", there: "jane" }]);
    });

    it("is refused without one of the cookies of the server where it began", async (t) => {
      const { front, orders } = await both(t);
      for (const order of orders) {
        for (const name of COOKIES) {
          const page = await visit(t, front);

          await signIn(page, front, order, () => page.context().clearCookies({ name }));

          await page.waitForURL(`**${BASE}/error?error=Configuration`);
          for (const server of order) {
            front.to(server.origin);
            assert.equal(await (await page.request.get(`${BASE}/session`)).json(), null, server.name);
          }
        }
      }
    });
  });
}
