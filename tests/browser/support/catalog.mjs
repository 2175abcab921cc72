// Every page there is, and how a visitor comes to see it.

import assert from "node:assert/strict";
import { askForLink, enterCode, getLink, signIn } from "./flow.mjs";

/** The configuration with codes in the mails. */
export const WITH_CODES = "[email]\ncodes = true\n";

/** The configuration with as little as can be of everything that is limited. */
export const LIMITED = `${WITH_CODES}[limits]\nenabled = true\nmails_per_address = 1\nwrong_codes = 1\n`;

/** The configuration with passkeys. */
export const WITH_PASSKEYS = '[[provider]]\nid = "passkey"\n';

export const ADA = "ada@example.com";
const LONG = `a.rather.long.address.${"of.somebody".repeat(3)}@mail.of-a-long-name.example.com`;

/** The codes that Auth.js gives its sign-in page, and what each says here. */
export const SIGN_IN_ERRORS = {
  CredentialsSignin: "Check that the details you gave are correct.",
  OAuthAccountNotLinked: "sign in with the same account that you used before.",
  EmailSignin: "The e-mail could not be sent.",
  InvalidEmail: "This is not an e-mail address.",
  MissingCSRF: "This form was no longer valid.",
  SessionRequired: "Please sign in to see this page.",
  TooManyRequests: "There were too many tries.",
  Signin: "Try to sign in with another account.",
  OAuthSignin: "Try to sign in with another account.",
  OAuthCallbackError: "Try to sign in with another account.",
  OAuthCreateAccount: "Try to sign in with another account.",
  EmailCreateAccount: "Try to sign in with another account.",
  Callback: "Try to sign in with another account.",
  Unheard: "You could not be signed in.",
};

/** The codes that Auth.js gives its error page: status and heading. */
export const ERRORS = {
  Configuration: [500, "Server error"],
  AccessDenied: [403, "Access denied"],
  Verification: [403, "This link cannot be used"],
  Default: [200, "Error"],
  Unheard: [200, "Error"],
};

const at = (path) => ({ page }) => page.goto(path);

/** A POST as a form on a page of ours would send it. */
async function post(page, path) {
  await page.goto("/auth/signin");
  await page.evaluate((action) => document.forms[0].setAttribute("action", action), path);
  await page.evaluate(() => document.forms[0].submit());
  await page.waitForURL((url) => url.pathname === path);
}

/** Each page: its name, its status, its heading, the way to it, and the configuration if it takes one. */
export const PAGES = [
  ["home, signed out", 200, "Vestibule", at("/")],
  ["home, signed in", 200, "Vestibule", ({ page }) => signIn(page, ADA)],
  ["home, signed in with a long address", 200, "Vestibule", ({ page }) => signIn(page, LONG)],
  ["sign in", 200, /^Sign in to /, at("/auth/signin")],
  ["sign in, with a long address", 200, /^Sign in to /, at(`/auth/signin?email=${encodeURIComponent(LONG)}`)],
  ["sign in, after a wrong address", 400, /^Sign in to /, wrongAddress],
  ["home, signed in, with passkeys", 200, "Vestibule", ({ page }) => signIn(page, ADA), WITH_PASSKEYS],
  ["sign in, with passkeys", 200, /^Sign in to /, at("/auth/signin"), WITH_PASSKEYS],
  ["sign in, with a passkey to add", 200, /^Sign in to /, passkeyToAdd, WITH_PASSKEYS],
  // One short text and one long; what the others say is tested elsewhere.
  ...["SessionRequired", "OAuthAccountNotLinked"].map((code) => [
    `sign in, after ${code}`,
    200,
    /^Sign in to /,
    at(`/auth/signin?error=${code}`),
  ]),
  ["check your mail", 200, "Check your e-mail", ({ page }) => askForLink(page, ADA)],
  ["check your mail, with a code", 200, "Check your e-mail", ({ page }) => askForLink(page, ADA), WITH_CODES],
  ["check your mail, with a code and a long address", 200, "Check your e-mail", ({ page }) => askForLink(page, LONG), WITH_CODES],
  ["check your mail, after a wrong code", 400, "Check your e-mail", wrongCode, WITH_CODES],
  ["check your mail, after too many wrong codes", 400, "Check your e-mail", deadCode, WITH_CODES],
  ["check your mail, with a code that is not awaited", 200, "Check your e-mail", at("/auth/verify-request?error=CodeExpired")],
  ["check your mail, after too many wrong codes for the address", 429, "Check your e-mail", blockedCode, LIMITED],
  ["too many mails", 429, "Too many tries", tooManyMails, LIMITED],
  ["mailbox, with a code", 200, "Development mailbox", mailbox, WITH_CODES],
  ["mailbox, empty", 200, "Development mailbox", at("/mailbox")],
  ["mailbox", 200, "Development mailbox", mailbox],
  ["confirm", 200, /^Sign in to /, async ({ page }) => page.goto(await getLink(page, ADA))],
  ["confirm, with a long address", 200, /^Sign in to /, async ({ page }) => page.goto(await getLink(page, LONG))],
  ["sign out", 200, "Sign out?", signOutPage],
  ["sign out, signed out", 200, "Sign out?", at("/auth/signout")],
  ["error", 200, "Error", at("/auth/error")],
  ...Object.entries(ERRORS).map(([code, [status, heading]]) => [
    `error, ${code}`,
    status,
    heading,
    at(`/auth/error?error=${code}`),
  ]),
  ["incomplete link", 400, "This did not work", at("/auth/callback/email?token=0")],
  ["impossible callback URL", 400, "This did not work", at("/auth/signin?callbackUrl=javascript%3A0")],
  ["unknown provider", 404, "Not found", at("/auth/signin/github")],
  ["wrong method", 400, "This did not work", at("/auth/signin/email")],
  ["wrong method, with a form", 400, "This did not work", ({ page }) => post(page, "/auth/verify-request")],
  ["no such page", 404, "Nothing here", at("/no/such/page")],
].map(([name, status, heading, open, config]) => ({ name, status, heading, open, config }));

/** Opens a page and sees that it is the right one. */
export async function show(entry, visitor) {
  await entry.open(visitor);
  await visitor.page.getByRole("heading", { level: 1, name: entry.heading }).waitFor();
  assert.equal(visitor.documents.at(-1).status(), entry.status, entry.name);
}

async function passkeyToAdd({ page }) {
  await signIn(page, ADA);
  await page.getByRole("link", { name: "Add a passkey" }).click();
}

async function wrongAddress({ page }) {
  await page.goto("/auth/signin");
  // Past the browser's own check of addresses, as another client would come.
  await page.getByLabel("E-mail address").fill("ada");
  await page.evaluate(() => document.forms[0].setAttribute("novalidate", ""));
  await page.getByRole("button", { name: "Sign in with Email" }).click();
  await page.getByRole("alert").waitFor();
}

async function wrongCode({ page }) {
  await askForLink(page, ADA);
  await enterCode(page, "12345");
  await page.getByRole("alert").waitFor();
}

async function deadCode({ page }) {
  await askForLink(page, ADA);
  // One of six may be right by chance; then the page is another one, and the test fails once in 200,000 times.
  for (const code of ["000001", "000002", "000003", "000004", "000005", "000006"]) {
    await enterCode(page, code);
    await page.getByRole("alert").waitFor();
  }
  await page.getByRole("link", { name: "Ask for another mail" }).waitFor();
}

async function blockedCode({ page }) {
  await askForLink(page, ADA);
  // Right by chance once in a million times, and then the test fails.
  await enterCode(page, "000001");
  await page.getByRole("alert").waitFor();
  await enterCode(page, "000002");
  await page.getByRole("alert").filter({ hasText: "Too many wrong codes for this address." }).waitFor();
}

async function tooManyMails({ page }) {
  await askForLink(page, ADA);
  await page.goto("/auth/signin");
  await page.getByLabel("E-mail address").fill(ADA);
  await page.getByRole("button", { name: "Sign in with Email" }).click();
}

async function mailbox({ page }) {
  await askForLink(page, ADA);
  await askForLink(page, LONG);
  await page.getByRole("link", { name: "Open the development mailbox" }).click();
}

async function signOutPage({ page }) {
  await signIn(page, ADA);
  await page.getByRole("link", { name: "Sign out" }).click();
}
