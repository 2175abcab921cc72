// The code beside the link: typed in where the mail was asked for.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visit } from "./support/browser.mjs";
import { LIMITED, WITH_CODES } from "./support/catalog.mjs";
import { sqliteFile } from "./support/databases.mjs";
import {
  askForLink,
  assertSignedIn,
  assertSignedOut,
  codeInMailbox,
  enterCode,
  linkInMailbox,
  useLink,
} from "./support/flow.mjs";
import { startProgram } from "./support/program.mjs";

const ADA = "ada@example.com";
const PENDING = "/auth/verify-request?provider=email&type=email";
let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const wrong = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "" : ", without JavaScript";

  test(`the mail is read elsewhere and its code typed in here${how}`, async (t) => {
    const program = await startProgram(t, { config: WITH_CODES });
    const here = await visit(t, browser, program.origin, { javaScriptEnabled });
    const elsewhere = await visit(t, browser, program.origin);
    await askForLink(here.page, ADA);
    const code = await codeInMailbox(elsewhere.page, ADA);

    await enterCode(here.page, wrong(code));
    await here.page.getByRole("alert").filter({ hasText: "This is not the code in the mail." }).waitFor();
    await enterCode(here.page, `${code.slice(0, 3)} ${code.slice(3)}`);

    await assertSignedIn(here.page, ADA);
    await assertSignedOut(elsewhere.page);
    assert.ok(!(await here.context.cookies()).some(({ name }) => name === "vestibule.code"), "the ticket is gone");
    const database = sqliteFile(program);
    const left = (await database.rows("verification_token")).filter(({ identifier }) => identifier === ADA);
    assert.deepEqual(left, [], "the link is used up as well");
    await useLink(elsewhere.page, await linkInMailbox(elsewhere.page, ADA));
    await elsewhere.page.getByRole("heading", { name: "This link cannot be used" }).waitFor();
  });
}

test("a code that was talked out of somebody is of no use in another browser", async (t) => {
  const program = await startProgram(t, { config: WITH_CODES });
  const ada = await visit(t, browser, program.origin);
  const eve = await visit(t, browser, program.origin);
  await askForLink(ada.page, ADA);
  const code = await codeInMailbox(await ada.context.newPage(), ADA);

  await eve.page.goto(PENDING);
  assert.equal(await eve.page.getByLabel("Code from the mail").count(), 0, "there is no field for it");
  await askForLink(eve.page, "eve@example.com");
  await enterCode(eve.page, code);
  await eve.page.getByRole("alert").waitFor();
  await assertSignedOut(eve.page);

  await enterCode(ada.page, code);
  await assertSignedIn(ada.page, ADA);
});

test("two tabs that use the code and the link at once sign in once", async (t) => {
  const program = await startProgram(t, { config: WITH_CODES });
  const { context, page: one } = await visit(t, browser, program.origin);
  const two = await context.newPage();
  await askForLink(one, ADA);
  const code = await codeInMailbox(two, ADA);
  await two.goto(await linkInMailbox(two, ADA));
  await one.getByLabel("Code from the mail").fill(code);

  await Promise.all([one, two].map((tab) => tab.getByRole("button", { name: "Sign in" }).click()));

  await one.goto("/");
  await assertSignedIn(one, ADA);
  assert.equal((await sqliteFile(program).rows("sessions")).length, 1);
});

test("after five wrong codes the code is dead and the link is not", async (t) => {
  const program = await startProgram(t, { config: WITH_CODES });
  const { context, page } = await visit(t, browser, program.origin);
  await askForLink(page, ADA);
  const mailbox = await context.newPage();
  const code = await codeInMailbox(mailbox, ADA);
  for (let tries = 0; tries < 5; tries += 1) {
    await enterCode(page, wrong(code));
    await page.getByRole("alert").waitFor();
  }

  await enterCode(page, code);

  await page.getByRole("alert").filter({ hasText: "Too many wrong codes." }).waitFor();
  await assertSignedOut(mailbox);
  await useLink(mailbox, await linkInMailbox(mailbox, ADA));
  await assertSignedIn(mailbox, ADA);
});

test("too many mails are refused until later, in the language of the visitor", async (t) => {
  const program = await startProgram(t, { config: LIMITED });
  const { page, documents } = await visit(t, browser, program.origin, { locale: "ko-KR" });
  await page.goto("/auth/signin");
  await page.getByRole("textbox").fill(ADA);
  await page.getByRole("button").click();
  await page.waitForURL("**/auth/verify-request?*");
  await page.goto("/auth/signin");
  await page.getByRole("textbox").fill(ADA);
  await page.getByRole("button").click();

  await page.getByRole("alert").filter({ hasText: "시도 횟수가 너무 많습니다." }).waitFor();
  const refusal = documents.at(-1);
  assert.equal(refusal.status(), 429);
  assert.ok(Number(refusal.headers()["retry-after"]) <= 3600);
  const rows = await sqliteFile(program).rows("verification_token");
  const counted = rows.filter(({ identifier }) => identifier === "vestibule:limit");
  assert.equal(counted.length, 1);
  assert.ok(!JSON.stringify(counted).includes("ada"), "the table does not say whom it counts");
});

test("who signed in before can ask for a mail though strangers asked for too many", async (t) => {
  const program = await startProgram(t, { config: LIMITED });
  const ada = await visit(t, browser, program.origin);
  const eve = await visit(t, browser, program.origin);
  await askForLink(ada.page, ADA);
  const code = await codeInMailbox(await ada.context.newPage(), ADA);
  await enterCode(ada.page, code);
  await assertSignedIn(ada.page, ADA);

  await eve.page.goto("/auth/signin");
  await eve.page.getByLabel("E-mail address").fill(ADA);
  await eve.page.getByRole("button", { name: "Sign in with Email" }).click();
  await eve.page.getByRole("heading", { name: "Too many tries" }).waitFor();

  await ada.page.goto("/auth/signin");
  await ada.page.getByLabel("E-mail address").fill(ADA);
  await ada.page.getByRole("button", { name: "Sign in with Email" }).click();
  await ada.page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
});
