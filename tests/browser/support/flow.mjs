// What a person does on the pages, by what a person sees there.

import assert from "node:assert/strict";

/** From the home page to "Check your e-mail". */
export async function askForLink(page, address) {
  await page.goto("/");
  await page.getByRole("link", { name: "Sign in" }).click();
  const button = page.getByRole("button", { name: "Sign in with Email" });
  // Passkeys may have a field of their own.
  await page.locator("form", { has: button }).getByLabel("E-mail address").fill(address);
  await button.click();
  await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
}

/** The newest link that the development mailbox holds for an address. */
export async function linkInMailbox(page, address) {
  await page.goto("/mailbox");
  const mails = page.locator("main").locator("p", { hasText: `To ${address}` });
  const link = mails.first().locator("xpath=following-sibling::a[1]");
  return link.getAttribute("href");
}

/** The newest code that the development mailbox holds for an address. */
export async function codeInMailbox(page, address) {
  await page.goto("/mailbox");
  const mails = page.locator("main").locator("p", { hasText: `To ${address}` });
  const line = mails.first().locator("xpath=following-sibling::p[1]");
  const [, code] = /^Code (\d{6})$/.exec(await line.textContent()) ?? [];
  assert.ok(code, `the mailbox holds a code for ${address}`);
  return code;
}

/** Types a code into the field of the page that awaits it. */
export async function enterCode(page, code) {
  await page.getByLabel("Code from the mail").fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Asks for a link and reads it in the development mailbox. */
export async function getLink(page, address) {
  await askForLink(page, address);
  const link = await linkInMailbox(page, address);
  assert.ok(link, `the mailbox holds a link for ${address}`);
  return link;
}

/** Opens a link and presses the button of the page behind it. */
export async function useLink(page, link) {
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Signs in from nothing, by way of the development mailbox. */
export async function signIn(page, address) {
  await useLink(page, await getLink(page, address));
  await assertSignedIn(page, address);
}

export async function assertSignedIn(page, address) {
  await page.getByText(`You are signed in as ${address}.`).waitFor();
}

export async function assertSignedOut(page) {
  await page.goto("/");
  await page.getByText("You are not signed in.").waitFor();
}

/** Signs out by the pages. */
export async function signOut(page) {
  await page.goto("/");
  await page.getByRole("link", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign out?" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are not signed in.").waitFor();
}

/** The session, as `GET /auth/session` gives it to this browser. */
export async function session(context) {
  const response = await context.request.get("/auth/session");
  assert.equal(response.status(), 200);
  return response.json();
}
