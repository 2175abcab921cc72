// Auth.js' own client for React, in a real Chromium, with the program behind it: by e-mail and at a real OpenID provider.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch } from "../browser/support/browser.mjs";
import { useLink } from "../browser/support/flow.mjs";
import { startFront } from "./support/front.mjs";
import { signInAtProvider, startProvider } from "./support/openid.mjs";
import { name, open, press, status } from "./support/page.mjs";
import { startVestibule } from "./support/vestibule.mjs";

for (const strategy of ["database", "jwt"]) {
  describe(`next-auth/react and the program, sessions by ${strategy}`, () => {
    let browser;
    before(async () => (browser = await launch()));
    after(() => browser.close());

    async function visit(t) {
      const front = await startFront(t);
      const provider = await startProvider(t, `${front.origin}/api/auth/callback/corp`);
      const program = await startVestibule(t, { strategy, provider, url: `${front.origin}/api/auth` });
      front.to(program.origin);
      return { page: await open(t, browser, front), front, program, provider };
    }

    async function signIn(page, program) {
      await press(page, "sign in by e-mail");
      await useLink(page, await program.linkTo("ada@example.com"));
      await page.waitForURL("**/?home");
      await status(page, "authenticated");
    }

    it("asks for a link without leaving the page, and the link signs in", async (t) => {
      const { page, front, program } = await visit(t);

      const answer = await press(page, "sign in by e-mail");

      const url = `${front.origin}/api/auth/verify-request?provider=email&type=email`;
      assert.deepEqual(answer, { error: undefined, code: undefined, ok: true, status: 200, url });
      assert.equal(page.url(), `${front.origin}/`);
      await status(page, "unauthenticated");
      await useLink(page, await program.linkTo("ada@example.com"));
      await page.waitForURL("**/?home");
      await name(page, "ada@example.com");
    });

    it("is told that what was typed is no address", async (t) => {
      const { page } = await visit(t);

      const answer = await press(page, "sign in by nothing");

      assert.deepEqual(answer, { error: "EmailSignin", code: undefined, ok: true, status: 200, url: null });
      await status(page, "unauthenticated");
    });

    it("goes to the provider and comes back signed in", async (t) => {
      const { page } = await visit(t);

      await page.getByRole("button", { name: "sign in with Corp" }).click();
      await signInAtProvider(page, "jane");

      await page.waitForURL("**/?home");
      await name(page, "Jane Doe");
    });

    it("is told where the provider is, with all that belongs to the request", async (t) => {
      const { page, front, provider } = await visit(t);

      const answer = await press(page, "ask where Corp is");

      const url = new URL(answer.url);
      assert.equal(url.origin, provider.issuer);
      assert.equal(url.searchParams.get("redirect_uri"), `${front.origin}/api/auth/callback/corp`);
      for (const part of ["state", "nonce", "code_challenge"]) assert.ok(url.searchParams.get(part), part);
      assert.equal(url.searchParams.get("code_challenge_method"), "S256");
      await page.goto(answer.url);
      await signInAtProvider(page, "jane");
      await page.waitForURL("**/?home");
      await name(page, "Jane Doe");
    });

    it("comes back to the page for signing in when the provider was not told yes", async (t) => {
      const { page } = await visit(t);

      await page.getByRole("button", { name: "sign in with Corp" }).click();
      await page.getByText("Cancel").click();

      await page.waitForURL("**/api/auth/signin?error=OAuthCallbackError");
      await page.goto("/");
      await status(page, "unauthenticated");
    });

    it("updates the session, which stays whose it is", async (t) => {
      const { page, program } = await visit(t);
      await signIn(page, program);

      for (const button of ["update", "refresh"]) {
        const { user, expires } = await press(page, button);

        assert.equal(user.email, "ada@example.com", button);
        assert.ok(new Date(expires) > new Date(), button);
        await name(page, "ada@example.com");
      }
      await page.reload();
      await name(page, "ada@example.com");
    });

    it("signs out, in every window", async (t) => {
      const { page, front, program } = await visit(t);
      await signIn(page, program);
      const other = await page.context().newPage();
      await other.goto("/");
      await status(other, "authenticated");

      const { url } = await press(page, "sign out");

      assert.ok(url.startsWith(front.origin), url);
      await status(page, "unauthenticated");
      await status(other, "unauthenticated");
      assert.equal(await press(page, "session"), null);
      await signIn(page, program);
      await page.getByRole("button", { name: "sign out and go" }).click();
      await page.waitForURL("**/?bye");
      await status(page, "unauthenticated");
    });

    it("lists providers of all kinds", async (t) => {
      const { page, front } = await visit(t);

      const providers = await press(page, "providers");

      const base = `${front.origin}/api/auth`;
      const told = (id, name, type) => {
        return { id, name, type, signinUrl: `${base}/signin/${id}`, callbackUrl: `${base}/callback/${id}` };
      };
      assert.deepEqual(providers, { email: told("email", "Email", "email"), corp: told("corp", "Corp", "oidc") });
    });
  });
}
