// The link of a mail: not burnt by scanners, good once, and only as it was sent.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visit } from "./support/browser.mjs";
import { sqliteFile } from "./support/databases.mjs";
import { assertSignedIn, assertSignedOut, getLink, session, signIn, useLink } from "./support/flow.mjs";
import { startProgram } from "./support/program.mjs";

const ADA = "ada@example.com";
let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** The page says that the link is of no use, with the status of a refusal, and leads back. */
async function assertRefused(visitor) {
  await visitor.page.getByRole("heading", { name: "This link cannot be used" }).waitFor();
  assert.equal(visitor.documents.at(-1).status(), 403);
  assert.equal(await session(visitor.context), null);
  await visitor.page.getByRole("link", { name: "Sign in" }).click();
  await visitor.page.getByLabel("E-mail address").waitFor();
}

test("a mail scanner's GET and HEAD do not burn a link", async (t) => {
  const program = await startProgram(t);
  const { page } = await visit(t, browser, program.origin);
  const link = await getLink(page, ADA);
  const before = await sqliteFile(program).rows("verification_token");

  for (const method of ["HEAD", "GET", "GET", "HEAD", "GET"]) {
    const response = await fetch(link, { method, redirect: "manual" });
    assert.equal(response.status, 200, method);
    assert.equal(response.headers.getSetCookie().some((cookie) => cookie.includes("session-token")), false);
  }

  assert.deepEqual(await sqliteFile(program).rows("verification_token"), before);
  assert.deepEqual(await sqliteFile(program).rows("users"), []);
  await useLink(page, link);
  await assertSignedIn(page, ADA);
});

test("a link that was used signs nobody in again", async (t) => {
  const program = await startProgram(t);
  const owner = await visit(t, browser, program.origin);
  const finder = await visit(t, browser, program.origin);
  const link = await getLink(owner.page, ADA);
  await useLink(owner.page, link);
  await assertSignedIn(owner.page, ADA);

  await useLink(finder.page, link);

  await assertRefused(finder);
  await assertSignedOut(finder.page);
  await owner.page.goto("/");
  await assertSignedIn(owner.page, ADA);
});

test("two presses of the button at once sign in once", async (t) => {
  const program = await startProgram(t);
  const visitors = [await visit(t, browser, program.origin), await visit(t, browser, program.origin)];
  const link = await getLink(visitors[0].page, ADA);
  await Promise.all(visitors.map(({ page }) => page.goto(link)));

  await Promise.all(visitors.map(({ page }) => page.getByRole("button", { name: "Sign in" }).click()));

  const found = await Promise.all(
    visitors.map(async ({ page }) => {
      await page.getByText(/You are signed in|This link cannot be used/).first().waitFor();
      return page.getByText("You are signed in").count();
    }),
  );
  assert.deepEqual(found.sort(), [0, 1]);
  assert.equal((await sqliteFile(program).rows("sessions")).length, 1);
});

test("a link that has expired shows the error page", async (t) => {
  const program = await startProgram(t);
  const database = sqliteFile(program);
  const visitor = await visit(t, browser, program.origin);
  const link = await getLink(visitor.page, ADA);
  await database.change(`UPDATE verification_token SET expires = ${Date.now() - 1}`);

  await useLink(visitor.page, link);

  await assertRefused(visitor);
  assert.deepEqual(await database.rows("verification_token"), [], "it is gone");
  assert.deepEqual(await database.rows("users"), []);
});

test("a session that has expired is nobody's, and its row goes", async (t) => {
  const program = await startProgram(t);
  const database = sqliteFile(program);
  const { context, page } = await visit(t, browser, program.origin);
  await signIn(page, ADA);
  await database.change(`UPDATE sessions SET expires = ${Date.now() - 1}`);

  await assertSignedOut(page);

  assert.equal(await session(context), null);
  assert.deepEqual(await database.rows("sessions"), []);
});

for (const [what, forge] of [
  ["another token", (url) => url.searchParams.set("token", "0".repeat(64))],
  ["the address of somebody else", (url) => url.searchParams.set("email", "eve@example.com")],
  ["a token with a character more", (url) => url.searchParams.set("token", `${url.searchParams.get("token")}0`)],
  ["a token that is a script", (url) => url.searchParams.set("token", "<script>alert(1)</script>")],
]) {
  test(`a link with ${what} shows the error page`, async (t) => {
    const program = await startProgram(t);
    const visitor = await visit(t, browser, program.origin);
    const link = new URL(await getLink(visitor.page, ADA));
    forge(link);

    await useLink(visitor.page, link.href);

    await assertRefused(visitor);
    assert.deepEqual(await sqliteFile(program).rows("users"), []);
  });
}

for (const name of ["token", "email"]) {
  test(`a link that lost its ${name} on the way says so`, async (t) => {
    const program = await startProgram(t);
    const { page, documents } = await visit(t, browser, program.origin);
    const link = new URL(await getLink(page, ADA));
    link.searchParams.delete(name);

    await page.goto(link.href);

    await page.getByText("This link is incomplete.").waitFor();
    assert.equal(documents.at(-1).status(), 400);
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("E-mail address").waitFor();
  });
}

test("another site cannot sign a visitor in with a link of its own", async (t) => {
  const program = await startProgram(t);
  const attacker = await visit(t, browser, program.origin);
  const link = new URL(await getLink(attacker.page, "eve@example.com"));
  const form = Object.fromEntries(link.searchParams);

  for (const headers of [
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "cross-site" },
    { origin: "null" },
  ]) {
    const response = await fetch(`${program.origin}/auth/callback/email`, {
      method: "POST",
      redirect: "manual",
      headers,
      body: new URLSearchParams(form),
    });
    assert.match(response.headers.get("location"), /error=MissingCSRF/);
    assert.ok(!response.headers.getSetCookie().some((cookie) => cookie.includes("session-token=")));
  }
  assert.deepEqual(await sqliteFile(program).rows("users"), []);
});
