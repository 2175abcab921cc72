// Auth.js' own client for React, in a real Chromium, against the example with names and passwords.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { missing } from "../browser/support/environment.mjs";
import { launch } from "../browser/support/browser.mjs";
import { startCredentials } from "./support/credentials.mjs";
import { startFront } from "./support/front.mjs";
import { name, open, press, status } from "./support/page.mjs";

for (const sessions of ["cookie", "database"]) {
  describe(`next-auth/react, sessions in the ${sessions}`, { skip: missing("VESTIBULE_TEST_CREDENTIALS_EXAMPLE") }, () => {
    let browser;
    before(async () => (browser = await launch()));
    after(() => browser.close());

    async function visit(t) {
      const front = await startFront(t);
      await startCredentials(t, front, sessions);
      return { page: await open(t, browser, front), front };
    }

    it("signs in without leaving the page, and useSession knows", async (t) => {
      const { page, front } = await visit(t);

      const answer = await press(page, "sign in");

      const url = `${front.origin}/?home`;
      assert.deepEqual(answer, { error: undefined, code: undefined, ok: true, status: 200, url });
      await status(page, "authenticated");
      await name(page, "Ada Lovelace");
    });

    it("is told by code what is wrong with credentials", async (t) => {
      const { page } = await visit(t);

      for (const [button, code] of [["sign in wrongly", "credentials"], ["sign in with nothing", "incomplete"]]) {
        const answer = await press(page, button);

        assert.deepEqual(answer, { error: "CredentialsSignin", code, status: 200, ok: true, url: null }, button);
      }
      await status(page, "unauthenticated");
    });

    it("is told that there were too many, and goes to a page that says so", async (t) => {
      const { page } = await visit(t);
      for (let tries = 0; tries < 10; tries += 1) {
        assert.equal((await press(page, "sign in wrongly")).error, "CredentialsSignin");
      }

      const answer = await press(page, "sign in");

      assert.deepEqual(answer, { error: "TooManyRequests", code: undefined, status: 429, ok: false, url: null });
      await status(page, "unauthenticated");
      await page.getByRole("button", { name: "sign in and go" }).click();
      await page.getByRole("alert").filter({ hasText: "There were too many tries." }).waitFor();
    });

    it("signs in and goes where it was told to", async (t) => {
      const { page } = await visit(t);

      await page.getByRole("button", { name: "sign in and go" }).click();

      await page.waitForURL("**/?home");
      await name(page, "Ada Lovelace");
    });

    it("updates the session, and the page shows it at once and after loading anew", async (t) => {
      const { page } = await visit(t);
      await press(page, "sign in");
      await status(page, "authenticated");

      const answer = await press(page, "update");

      // As in the original, a row is read again, and what was sent is the application's to keep.
      const expected = sessions === "cookie" ? "Countess" : "Ada Lovelace";
      assert.equal(answer.user.name, expected);
      await name(page, expected);
      await page.reload();
      await name(page, expected);
      assert.equal((await press(page, "refresh")).user.name, expected);
      await status(page, "authenticated");
    });

    it("signs out, here and by going elsewhere", async (t) => {
      const { page, front } = await visit(t);
      await press(page, "sign in");
      await status(page, "authenticated");

      const { url } = await press(page, "sign out");
      assert.ok(url.startsWith(front.origin), url);
      await status(page, "unauthenticated");
      assert.equal(await press(page, "session"), null);

      await press(page, "sign in");
      await status(page, "authenticated");
      await page.getByRole("button", { name: "sign out and go" }).click();
      await page.waitForURL("**/?bye");
      await status(page, "unauthenticated");
    });

    it("lists providers and gets a token against forged requests", async (t) => {
      const { page, front } = await visit(t);

      const { credentials } = await press(page, "providers");
      assert.deepEqual(credentials, {
        id: "credentials",
        name: "Password",
        type: "credentials",
        signinUrl: `${front.origin}/api/auth/signin/credentials`,
        callbackUrl: `${front.origin}/api/auth/callback/credentials`,
      });
      const token = await press(page, "csrf");
      assert.match(token, /^[0-9a-f]{64}$/);
      assert.equal(await press(page, "csrf"), token);
    });

    it("leads to the page to sign in, which leads back", async (t) => {
      const { page } = await visit(t);

      await page.getByRole("button", { name: "sign in somehow" }).click();
      await page.waitForURL("**/api/auth/signin?callbackUrl=*");
      await page.getByLabel("E-mail address").fill("ada@example.com");
      await page.getByLabel("Password").fill("correct horse");
      await page.getByRole("button", { name: "Sign in with Password" }).click();

      await name(page, "Ada Lovelace");
    });
  });
}
