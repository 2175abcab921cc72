// As in production: PostgreSQL, a mail server that is real, a secret, a URL of its own.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, visit } from "./support/browser.mjs";
import { postgresDatabase, sqliteFile } from "./support/databases.mjs";
import { missing, screenshot, SMTP_URL } from "./support/environment.mjs";
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
import { linkInText, mailTo } from "./support/mail.mjs";
import { freePort, run, startProgram, temporaryFolder } from "./support/program.mjs";

const POSTGRES = { skip: missing("VESTIBULE_TEST_POSTGRES_URL") };
const SMTP = { skip: missing("VESTIBULE_TEST_SMTP_URL", "VESTIBULE_TEST_SMTP_DIR") };
const BOTH = { skip: POSTGRES.skip || SMTP.skip };

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** An address that no other test has. */
const somebody = () => `ada-${randomBytes(6).toString("hex")}@example.com`;

/** The program in production on `databaseUrl`, sending real mail. */
async function startInProduction(t, folder, databaseUrl) {
  const port = await freePort();
  const env = {
    AUTH_ENV: "production",
    AUTH_SECRET: randomBytes(32).toString("hex"),
    AUTH_URL: `http://127.0.0.1:${port}`,
    AUTH_EMAIL_SERVER: SMTP_URL,
    AUTH_EMAIL_FROM: "Vestibule <no-reply@example.com>",
    DATABASE_URL: databaseUrl,
  };
  return startProgram(t, { folder, env, listen: `127.0.0.1:${port}` });
}

test("in production the link comes by SMTP, the rows are in PostgreSQL, and the mailbox is not there", BOTH, async (t) => {
  const folder = await temporaryFolder(t);
  const database = await postgresDatabase(t, folder);
  const program = await startInProduction(t, folder, database.url);
  const address = somebody();
  const { context, page } = await visit(t, browser, program.origin);

  await page.goto("/");
  assert.equal(await page.getByRole("link", { name: /mailbox/ }).count(), 0);
  await askForLink(page, address);
  assert.equal(await page.getByRole("link", { name: /mailbox/ }).count(), 0);
  await page.screenshot({ path: screenshot("check-your-mail-in-production.light"), fullPage: true });

  const mail = await mailTo(address);
  assert.equal(mail.from.address, "no-reply@example.com");
  assert.deepEqual(mail.to.map(({ address: to }) => to), [address]);
  assert.equal(mail.subject, `Sign in to ${new URL(program.origin).host}`);
  const link = linkInText(mail);
  assert.ok(link.startsWith(`${program.origin}/auth/callback/email?`), link);
  const reader = await browser.newContext({ javaScriptEnabled: false });
  t.after(() => reader.close());
  const letter = await reader.newPage();
  await letter.setContent(mail.html);
  const links = await letter.locator("a").evaluateAll((anchors) => anchors.map((anchor) => anchor.href));
  assert.deepEqual(links, [link], "the HTML holds the same link, and no other");
  assert.equal(await letter.locator("img, script, link").count(), 0, "and loads nothing");
  await letter.screenshot({ path: screenshot("mail.light") });

  await useLink(page, link);
  await assertSignedIn(page, address);
  const [user, ...others] = await database.rows("users");
  assert.deepEqual([user.email, others], [address, []]);
  assert.ok(user.emailVerified instanceof Date);
  const [row] = await database.rows("sessions");
  assert.equal(row.userId, user.id);
  assert.equal((await session(context)).user.email, address);
  const left = await database.rows("verification_token");
  assert.deepEqual(left.map(({ identifier }) => identifier), ["vestibule:limit"], "one mail was counted, the link is used up");

  assert.equal((await fetch(`${program.origin}/mailbox`)).status, 404);
  await signOut(page);
  assert.deepEqual(await database.rows("sessions"), []);
  await program.stop();
  for (const secret of [address, new URL(link).searchParams.get("token"), row.sessionToken]) {
    assert.ok(!program.logs().includes(secret), `the logs hold ${secret}`);
  }
});

test("a mail server that refuses the address is told, and nobody is made", SMTP, async (t) => {
  const folder = await temporaryFolder(t);
  await run(folder, ["schema", "apply", "--yes", "--database-url", "sqlite:app.db"]);
  const program = await startInProduction(t, folder, "sqlite:app.db");
  const { page } = await visit(t, browser, program.origin);
  await page.goto("/auth/signin");
  await page.getByLabel("E-mail address").fill("refuse-me@example.com");

  await page.getByRole("button", { name: "Sign in with Email" }).click();

  await page.getByRole("alert").filter({ hasText: "The e-mail could not be sent." }).waitFor();
  assert.deepEqual(await sqliteFile(program, "app.db").rows("users"), []);
  assert.ok(!program.logs().includes("refuse-me"));
});

test("two tabs that use two links of one address at once make one user in PostgreSQL", POSTGRES, async (t) => {
  const folder = await temporaryFolder(t);
  const database = await postgresDatabase(t, folder);
  const program = await startProgram(t, { folder, args: ["--database-url", database.url] });
  const { context, page: one } = await visit(t, browser, program.origin);
  const two = await context.newPage();
  const address = somebody();
  const links = [await getLink(one, address), await getLink(two, address)];
  await Promise.all([one.goto(links[0]), two.goto(links[1])]);

  await Promise.all([one, two].map((tab) => tab.getByRole("button", { name: "Sign in" }).click()));

  await Promise.all([assertSignedIn(one, address), assertSignedIn(two, address)]);
  assert.equal((await database.rows("users")).length, 1);
});

test("while PostgreSQL is away a visitor is told so, and is still signed in afterwards", POSTGRES, async (t) => {
  const folder = await temporaryFolder(t);
  const database = await postgresDatabase(t, folder);
  const program = await startProgram(t, { folder, args: ["--database-url", database.url] });
  const visitor = await visit(t, browser, program.origin);
  const { context, page, documents } = visitor;
  const address = somebody();
  await signIn(page, address);
  const cookies = await context.cookies();

  await database.refuse();

  await page.goto("/");
  assert.equal(documents.at(-1).status(), 503);
  await page.getByRole("heading", { name: "Just a moment" }).waitFor();
  assert.equal(await page.getByText("You are not signed in.").count(), 0);
  await page.screenshot({ path: screenshot("home-outage.light"), fullPage: true });
  await page.goto("/auth/signin");
  await page.getByLabel("E-mail address").fill(address);
  await page.getByRole("button", { name: "Sign in with Email" }).click();
  await page.getByRole("heading", { name: "One moment, please" }).waitFor();
  assert.equal(documents.at(-1).status(), 503);
  await page.screenshot({ path: screenshot("engine-outage.light"), fullPage: true });
  assert.equal((await fetch(`${program.origin}/healthz`)).status, 503);
  assert.deepEqual(
    (await context.cookies()).filter(({ name }) => name.includes("session")),
    cookies.filter(({ name }) => name.includes("session")),
    "the session's cookie stays",
  );

  await database.admit();

  await page.goto("/");
  await assertSignedIn(page, address);
  await signOut(page);
  await assertSignedOut(page);
});
