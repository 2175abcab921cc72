// A passkey is added on the built-in page, and signs in by itself afterwards: Chromium with an authenticator of its own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { authenticator } from "./support/authenticator.mjs";
import { launch, visit } from "./support/browser.mjs";
import { sqliteFile } from "./support/databases.mjs";
import { assertSignedIn, assertSignedOut, session, signIn, signOut } from "./support/flow.mjs";
import { startProgram } from "./support/program.mjs";

const ADA = "ada@example.com";
/** By a variable: passkeys are offered in the field, and this browser's user takes the offer at once. */
const OFFERED = { env: { AUTH_PASSKEY: "true" } };
/** By the file: a button has to be pressed. */
const BY_BUTTON = { config: '[[provider]]\nid = "passkey"\nconditional_ui = false\n' };
let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

async function addPasskey(page) {
  await page.goto("/");
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await page.getByRole("button", { name: "Add a passkey to your account" }).click();
}

async function usePasskey(page) {
  await page.goto("/auth/signin?callbackUrl=%2F");
  await page.getByRole("button", { name: "Sign in with Passkey" }).click();
}

const padded = (base64url) => Buffer.from(base64url, "base64").toString("base64");

test("a passkey is added, and signs in when the button is pressed", async (t) => {
  const program = await startProgram(t, BY_BUTTON);
  const { context, page } = await visit(t, browser, program.origin);
  const key = await authenticator(context, page);
  const database = sqliteFile(program);
  await signIn(page, ADA);

  await addPasskey(page);
  await assertSignedIn(page, ADA);

  const [credential, ...others] = await key.credentials();
  assert.deepEqual(others, []);
  assert.ok(credential.isResidentCredential);
  assert.equal(credential.rpId, "localhost");
  const [user] = await database.rows("users");
  const id = padded(credential.credentialId);
  const [account] = await database.rows("accounts");
  assert.deepEqual(
    { userId: account.userId, provider: account.provider, type: account.type, id: account.providerAccountId },
    { userId: user.id, provider: "passkey", type: "webauthn", id },
  );
  const [row] = await database.rows("authenticators");
  const { credentialPublicKey, counter, ...rest } = row;
  assert.deepEqual(rest, {
    credentialID: id,
    userId: user.id,
    providerAccountId: id,
    credentialDeviceType: "singleDevice",
    credentialBackedUp: 0,
    transports: "internal",
  });
  assert.match(credentialPublicKey, /^[A-Za-z0-9+/]+=*$/);

  await signOut(page);
  await usePasskey(page);
  await assertSignedIn(page, ADA);

  assert.equal((await session(context)).user.email, ADA);
  const [later] = await database.rows("authenticators");
  assert.ok(later.counter > counter, `the counter grows: ${counter}, ${later.counter}`);
  assert.equal((await database.rows("users")).length, 1);
  assert.equal((await database.rows("accounts")).length, 1);
});

test("a passkey that the browser offers in the field signs in without a button", async (t) => {
  const program = await startProgram(t, OFFERED);
  const { context, page } = await visit(t, browser, program.origin);
  await authenticator(context, page);
  await signIn(page, ADA);
  await addPasskey(page);
  await assertSignedIn(page, ADA);
  await signOut(page);

  await page.getByRole("link", { name: "Sign in" }).click();

  await assertSignedIn(page, ADA);
});

test("a button that is pressed before the browser can offer anything is all that is asked for", async (t) => {
  const program = await startProgram(t, OFFERED);
  const { context, page } = await visit(t, browser, program.origin);
  await authenticator(context, page);
  // The browser takes its time to say whether it can offer passkeys.
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () =>
      new Promise((resolve) => (window.say = () => resolve(true)));
  });
  await signIn(page, ADA);
  await addPasskey(page);
  await assertSignedIn(page, ADA);
  await signOut(page);
  const asked = [];
  await page.route("**/auth/webauthn-options/**", async (route) => {
    asked.push(new URL(route.request().url()).search);
    await page.evaluate(() => window.say());
    await route.continue();
  });
  await page.goto("/auth/signin?callbackUrl=%2F");
  await page.locator("#email-for-passkey").fill(ADA);

  await page.getByRole("button", { name: "Sign in with Passkey" }).click();
  await assertSignedIn(page, ADA);

  // What was typed is not sent, where nobody looks at it.
  assert.deepEqual(asked, ["?action=authenticate"]);
});

test("one passkey is not added twice to one account", async (t) => {
  const program = await startProgram(t, BY_BUTTON);
  const { context, page } = await visit(t, browser, program.origin);
  const key = await authenticator(context, page);
  await signIn(page, ADA);
  await addPasskey(page);
  await assertSignedIn(page, ADA);

  await addPasskey(page);
  await page.getByRole("alert").filter({ hasText: "The passkey was not used." }).waitFor();

  assert.equal((await key.credentials()).length, 1);
  assert.equal((await sqliteFile(program).rows("authenticators")).length, 1);
});

test("a user whom the authenticator does not verify is not signed in", async (t) => {
  const program = await startProgram(t, BY_BUTTON);
  const { context, page } = await visit(t, browser, program.origin);
  const key = await authenticator(context, page);
  await signIn(page, ADA);
  await addPasskey(page);
  await assertSignedIn(page, ADA);
  await signOut(page);

  await key.send("setUserVerified", { isUserVerified: false });
  await usePasskey(page);
  await page.getByRole("alert").filter({ hasText: "The passkey was not used." }).waitFor();

  await assertSignedOut(page);
});

test("a passkey that was removed from the database signs nobody in", async (t) => {
  const program = await startProgram(t, BY_BUTTON);
  const { context, page } = await visit(t, browser, program.origin);
  await authenticator(context, page);
  await signIn(page, ADA);
  await addPasskey(page);
  await assertSignedIn(page, ADA);
  await signOut(page);

  await sqliteFile(program).change("DELETE FROM authenticators; DELETE FROM accounts");
  await usePasskey(page);
  await page.getByRole("heading", { name: "This passkey cannot be used" }).waitFor();

  await assertSignedOut(page);
});

test("what a page of another origin asked for is refused, though the domain is the same", async (t) => {
  // The browser goes by the domain alone; which of its origins may ask is for the program to say.
  const config = '[[provider]]\nid = "passkey"\nrelying_party_id = "localhost"\norigins = ["http://localhost:1"]\n';
  const program = await startProgram(t, { config });
  const { context, page } = await visit(t, browser, program.origin);
  const key = await authenticator(context, page);
  await signIn(page, ADA);

  await addPasskey(page);
  await page.getByRole("heading", { name: "This passkey cannot be used" }).waitFor();

  assert.equal((await key.credentials()).length, 1, "the browser made it");
  assert.deepEqual(await sqliteFile(program).rows("authenticators"), []);
  assert.deepEqual(await sqliteFile(program).rows("accounts"), []);
});

test("without JavaScript nobody presses a button in vain, and e-mail is there", async (t) => {
  const program = await startProgram(t, OFFERED);
  const { page } = await visit(t, browser, program.origin, { javaScriptEnabled: false });

  await page.goto("/auth/signin");
  assert.ok(await page.getByRole("button", { name: "Sign in with Passkey" }).isDisabled());

  await signIn(page, ADA);
});
