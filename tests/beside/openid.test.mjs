// Signing in at a real OpenID provider, with the program and a real Chromium.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { screenshot } from "../browser/support/environment.mjs";
import { freePort } from "../browser/support/program.mjs";
import { launch } from "../browser/support/browser.mjs";
import { signInAtProvider, startProvider } from "./support/openid.mjs";
import { startVestibule } from "./support/vestibule.mjs";

/** The program with one provider beside e-mail. */
async function start(t, strategy) {
  const port = await freePort();
  const listen = `127.0.0.1:${port}`;
  const provider = await startProvider(t, `http://${listen}/auth/callback/corp`);
  return startVestibule(t, { strategy, provider, listen });
}

for (const strategy of ["database", "jwt"]) {
  describe(`a real OpenID provider, sessions by ${strategy}`, () => {
    let browser;
    before(async () => (browser = await launch()));
    after(() => browser.close());

    async function visit(t, program) {
      const context = await browser.newContext({ baseURL: program.origin });
      t.after(() => context.close());
      context.setDefaultTimeout(30_000);
      return context.newPage();
    }

    /** From our page to theirs, through their forms, and back. */
    async function signIn(page, login) {
      await page.goto("/auth/signin?callbackUrl=/");
      await page.getByRole("button", { name: "Sign in with Corp" }).click();
      await signInAtProvider(page, login);
      await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/(\?.*)?$/);
    }

    it("signs in, and knows the person again in another browser", async (t) => {
      const program = await start(t, strategy);
      const page = await visit(t, program);
      await page.goto("/auth/signin");
      await page.screenshot({ path: screenshot(`sign-in-with-provider-${strategy}`) });

      await signIn(page, "jane");
      await page.getByText("You are signed in as jane@example.com.").waitFor();
      const session = async (page) => (await page.request.get("/auth/session")).json();
      assert.equal((await session(page)).user.name, "Jane Doe");

      const another = await visit(t, program);
      await signIn(another, "jane");
      await another.getByText("You are signed in as jane@example.com.").waitFor();
    });

    it("says on our page that the provider was not told yes", async (t) => {
      const program = await start(t, strategy);
      const page = await visit(t, program);
      await page.goto("/auth/signin");
      await page.getByRole("button", { name: "Sign in with Corp" }).click();

      await page.getByText("Cancel").click();

      await page.waitForURL("**/auth/signin?error=OAuthCallbackError");
      await page.getByRole("alert").waitFor();
      await page.screenshot({ path: screenshot(`refused-at-provider-${strategy}`) });
    });
  });
}
