// The client of Auth.js for passkeys (next-auth/webauthn) in a real Chromium, in front of Auth.js and of the program on one
// database: what one registers signs in at the other, and both write the same rows.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch } from "../browser/support/browser.mjs";
import { postgresDatabase } from "../browser/support/databases.mjs";
import { missing } from "../browser/support/environment.mjs";
import { authenticator } from "../browser/support/authenticator.mjs";
import { useLink } from "../browser/support/flow.mjs";
import { temporaryFolder } from "../browser/support/program.mjs";
import { startFront } from "./support/front.mjs";
import { startOriginal } from "./support/original_passkeys.mjs";
import { name, open, press, status } from "./support/page.mjs";
import { startVestibule } from "./support/vestibule.mjs";

const ADA = "ada@example.com";
const SECRET = "a secret that both servers know, long enough";
const FINE = { error: null, code: null, ok: true, status: 200 };

describe("next-auth/webauthn", { skip: missing("VESTIBULE_TEST_POSTGRES_URL") }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser.close());

  async function start(t) {
    const folder = await temporaryFolder(t);
    const database = await postgresDatabase(t, folder, ["--profile", "drizzle"]);
    const front = await startFront(t, "localhost");
    const both = { databaseUrl: database.url, secret: SECRET };
    const original = await startOriginal(t, { ...both, path: "/api/auth" });
    const program = await startVestibule(t, {
      ...both,
      strategy: "database",
      url: `${front.origin}/api/auth`,
      env: { AUTH_PASSKEY: "true", VESTIBULE_PROFILE: "drizzle" },
    });
    front.to(original.origin);
    const page = await open(t, browser, front);
    const key = await authenticator(page.context(), page);
    return { database, front, original, program, page, key };
  }

  /** By e-mail, with a passkey added. */
  async function register(page, server) {
    await press(page, "sign in by e-mail");
    await page.goto(await server.linkTo(ADA));
    if (server.name === "vestibule") await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/?home");
    await status(page, "authenticated");
    const { url, ...answer } = await press(page, "register a passkey");
    assert.deepEqual(answer, FINE);
    assert.ok(url.endsWith("/?home"), url);
  }

  async function signInByKey(page) {
    await press(page, "sign out");
    await status(page, "unauthenticated");
    const { url, ...answer } = await press(page, "use a passkey");
    assert.deepEqual(answer, FINE);
    await status(page, "authenticated");
    await name(page, ADA);
  }

  for (const turned of [false, true]) {
    it(`a passkey that ${turned ? "the program" : "Auth.js"} registered signs in at both`, async (t) => {
      const { database, front, original, program, page } = await start(t);
      const [first, second] = turned ? [program, original] : [original, program];

      front.to(first.origin);
      await register(page, first);
      const [registered] = await database.rows("authenticator");
      await signInByKey(page);
      front.to(second.origin);
      await signInByKey(page);
      front.to(first.origin);
      await signInByKey(page);

      assert.equal((await database.rows("user")).length, 1);
      const [{ counter, ...later }, ...others] = await database.rows("authenticator");
      assert.deepEqual(others, []);
      assert.ok(counter > registered.counter, "both count on");
      assert.deepEqual({ ...later, counter: registered.counter }, registered);
    });
  }

  it("the program writes the rows that Auth.js writes", async (t) => {
    const rows = [];
    for (const turned of [false, true]) {
      const { database, front, original, program, page, key } = await start(t);
      const server = turned ? program : original;
      front.to(server.origin);

      await register(page, server);

      const [{ credentialId }] = await key.credentials();
      const id = Buffer.from(credentialId, "base64").toString("base64");
      const [user] = await database.rows("user");
      const [account] = await database.rows("account");
      const [row] = await database.rows("authenticator");
      assert.deepEqual([row.credentialID, row.providerAccountId, account.providerAccountId], [id, id, id], server.name);
      assert.deepEqual([row.userId, account.userId], [user.id, user.id], server.name);
      // What is left is the same for everybody, but for the key, whose length is.
      const { credentialID, providerAccountId, userId, credentialPublicKey, ...rest } = row;
      const { userId: _user, providerAccountId: _id, ...accountRest } = account;
      rows.push({ rest, accountRest, key: credentialPublicKey.length });
    }

    assert.deepEqual(rows[1], rows[0]);
    assert.equal(rows[0].accountRest.type, "webauthn");
  });

  it("a passkey that nobody registered is refused by both", async (t) => {
    const { database, front, original, program, page } = await start(t);
    await register(page, original);
    await press(page, "sign out");
    await status(page, "unauthenticated");
    await database.change('DELETE FROM "authenticator"');

    const verdicts = {};
    for (const server of [original, program]) {
      front.to(server.origin);
      verdicts[server.name] = (await press(page, "use a passkey")).error;
      await status(page, "unauthenticated");
    }

    // On purpose: the original takes it for a fault of the server.
    assert.deepEqual(verdicts, { "Auth.js": "Configuration", vestibule: "WebAuthnVerificationError" });
  });
});
