// The page of an application, and what a person does there.

/** Opens it in a browser that nobody has used. */
export async function open(t, browser, front) {
  const context = await browser.newContext({ baseURL: front.origin });
  t.after(() => context.close());
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  await page.goto("/");
  await status(page, "unauthenticated");
  return page;
}

/** Waits until `useSession` says this. */
export const status = (page, text) => page.locator("#status", { hasText: new RegExp(`^${text}$`) }).waitFor();

/** Waits until `useSession` says that this is who is signed in. */
export const name = (page, text) => page.locator("#name", { hasText: new RegExp(`^${text}$`) }).waitFor();

/** Presses a button and waits for what its call answers. */
export async function press(page, button) {
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.waitForFunction((name) => ![undefined, "waiting"].includes(window.answers?.[name]), button);
  return page.evaluate((name) => window.answers[name], button);
}
