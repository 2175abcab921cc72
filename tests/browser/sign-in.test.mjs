// A newcomer signs in by e-mail, and the database knows it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visit } from "./support/browser.mjs";
import { sqliteFile } from "./support/databases.mjs";
import {
  askForLink,
  assertSignedIn,
  assertSignedOut,
  getLink,
  session,
  signIn,
  signOut,
  useLink,
} from "./support/flow.mjs";
import { startProgram } from "./support/program.mjs";

const ADA = "ada@example.com";
let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "" : ", without JavaScript";

  test(`a newcomer signs in by e-mail through the pages and out again${how}`, async (t) => {
    const program = await startProgram(t);
    const { context, page } = await visit(t, browser, program.origin, { javaScriptEnabled });
    const database = sqliteFile(program);

    assert.match(program.invitation, new RegExp(`^Open ${program.origin} to sign in`));
    await askForLink(page, ADA);
    assert.deepEqual(await database.rows("users"), [], "nobody is known before the link is used");
    const [pending] = await database.rows("verification_token");
    assert.equal(pending.identifier, ADA);

    await page.getByRole("link", { name: "Open the development mailbox" }).click();
    await page.getByRole("heading", { name: "Development mailbox" }).waitFor();
    const link = await page.getByRole("link", { name: "Open the link" }).getAttribute("href");
    assert.ok(!link.includes(pending.token), "the database holds only a hash of the token");
    await page.getByRole("link", { name: "Open the link" }).click();
    await page.getByText(`You are about to sign in as ${ADA}.`).waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await assertSignedIn(page, ADA);

    const [user, ...others] = await database.rows("users");
    assert.equal(user.email, ADA);
    assert.ok(user.emailVerified, "the address is verified");
    assert.deepEqual(others, []);
    const [row] = await database.rows("sessions");
    assert.equal(row.userId, user.id);
    assert.deepEqual(await database.rows("verification_token"), [], "the token is used up");
    const cookie = (await context.cookies()).find(({ name }) => name === "authjs.session-token");
    assert.equal(cookie.value, row.sessionToken);
    assert.deepEqual(
      { httpOnly: cookie.httpOnly, sameSite: cookie.sameSite, path: cookie.path },
      { httpOnly: true, sameSite: "Lax", path: "/" },
    );
    assert.ok(Math.abs(cookie.expires - Date.now() / 1000 - 30 * 24 * 3600) < 60, "for thirty days");
    assert.equal((await session(context)).user.email, ADA);

    await signOut(page);
    assert.deepEqual(await database.rows("sessions"), [], "the session is gone from the database");
    assert.equal((await database.rows("users")).length, 1, "the user is not");
    assert.equal(await session(context), null);
    assert.ok(!(await context.cookies()).some(({ name }) => name === "authjs.session-token"));
  });
}

test("a session is still there after the program was stopped and started again", async (t) => {
  const first = await startProgram(t);
  const { page } = await visit(t, browser, first.origin);
  await signIn(page, ADA);
  await first.stop();

  const second = await startProgram(t, { folder: first.folder, listen: new URL(first.origin).host });
  await page.goto("/");

  await assertSignedIn(page, ADA);
  assert.equal(second.origin, first.origin);
});

test("whoever signs in again is the same user, however the address is written", async (t) => {
  const program = await startProgram(t);
  const { page } = await visit(t, browser, program.origin);
  await signIn(page, ADA);
  await signOut(page);

  await askForLink(page, " ADA@Example.com ".trim());
  await page.getByRole("link", { name: "Open the development mailbox" }).click();
  await page.getByRole("link", { name: "Open the link" }).first().click();
  await page.getByRole("button", { name: "Sign in" }).click();

  await assertSignedIn(page, ADA);
  assert.equal((await sqliteFile(program).rows("users")).length, 1);
});

test("two browsers have sessions of their own, and signing out ends only one", async (t) => {
  const program = await startProgram(t);
  const laptop = await visit(t, browser, program.origin);
  const phone = await visit(t, browser, program.origin);
  await signIn(laptop.page, ADA);
  await signIn(phone.page, ADA);
  assert.equal((await sqliteFile(program).rows("sessions")).length, 2);

  await signOut(laptop.page);

  await phone.page.goto("/");
  await assertSignedIn(phone.page, ADA);
  await assertSignedOut(laptop.page);
});

test("two tabs that use two links of one address at once make one user", async (t) => {
  const program = await startProgram(t);
  const { context, page: one } = await visit(t, browser, program.origin);
  const two = await context.newPage();
  const links = [await getLink(one, ADA), await getLink(two, ADA)];
  assert.notEqual(links[0], links[1]);
  await Promise.all([one.goto(links[0]), two.goto(links[1])]);

  await Promise.all([one, two].map((tab) => tab.getByRole("button", { name: "Sign in" }).click()));

  await Promise.all([assertSignedIn(one, ADA), assertSignedIn(two, ADA)]);
  assert.equal((await sqliteFile(program).rows("users")).length, 1);
});

test("two browsers that use two links of one new address at once make one user", async (t) => {
  const program = await startProgram(t);
  const visitors = [await visit(t, browser, program.origin), await visit(t, browser, program.origin)];
  for (const { page } of visitors) await page.goto(await getLink(page, ADA));

  await Promise.all(visitors.map(({ page }) => page.getByRole("button", { name: "Sign in" }).click()));

  await Promise.all(visitors.map(({ page }) => assertSignedIn(page, ADA)));
  const database = sqliteFile(program);
  assert.equal((await database.rows("users")).length, 1);
  assert.equal((await database.rows("sessions")).length, 2);
});

test("the page that was asked for is shown after signing in", async (t) => {
  const program = await startProgram(t);
  const { page } = await visit(t, browser, program.origin);
  await page.goto("/auth/signin?callbackUrl=%2F%3Ffrom%3Dhere");
  await page.getByLabel("E-mail address").fill(ADA);
  await page.getByRole("button", { name: "Sign in with Email" }).click();
  await page.getByRole("link", { name: "Open the development mailbox" }).click();
  const link = await page.getByRole("link", { name: "Open the link" }).getAttribute("href");

  await useLink(page, link);

  await assertSignedIn(page, ADA);
  assert.equal(page.url(), `${program.origin}/?from=here`);
});

test("the logs tell of a sign-in and hold neither the address nor a token", async (t) => {
  const program = await startProgram(t);
  const { context, page } = await visit(t, browser, program.origin);
  const link = await getLink(page, ADA);
  await useLink(page, link);
  await assertSignedIn(page, ADA);
  const cookies = (await context.cookies()).map(({ value }) => value);

  await program.stop();

  const logs = program.logs();
  assert.match(logs, /"http\.route":"\/auth\/callback\/email"/);
  for (const secret of [ADA, "ada%40", new URL(link).searchParams.get("token"), ...cookies]) {
    assert.ok(!logs.includes(secret), `the logs hold ${secret}`);
  }
});
