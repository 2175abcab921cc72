// Every page, in light, dark and narrow: accessible, within its width, strict, and kept as a screenshot.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, visit } from "./support/browser.mjs";
import { ADA, ERRORS, PAGES, SIGN_IN_ERRORS, show } from "./support/catalog.mjs";
import { screenshot } from "./support/environment.mjs";
import { askForLink, assertSignedIn } from "./support/flow.mjs";
import { startProgram } from "./support/program.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };
const DARK_GROUND = "rgb(15, 17, 22)";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** What the accessibility engine finds, by every rule it has, best practices included. */
async function violations(page) {
  await page.evaluate(AXE);
  const result = await page.evaluate(() => globalThis.axe.run());
  assert.ok(result.passes.length > 10, "the engine did look");
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** How far the page is wider than its window, in CSS pixels. */
const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const background = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

/** What every page has to send along. */
function assertStrict(response, hasPasskeys) {
  const headers = response.headers();
  const policy = headers["content-security-policy"] ?? "";
  const directives = new Map(policy.split(";").map((text) => text.trim()).map((text) => {
    const [name, ...values] = text.split(/\s+/);
    return [name, values.join(" ")];
  }));
  assert.equal(directives.get("default-src"), "'none'", policy);
  assert.equal(directives.get("base-uri"), "'none'", policy);
  assert.equal(directives.get("frame-ancestors"), "'none'", policy);
  assert.match(directives.get("style-src"), /^('self'|'sha256-[A-Za-z0-9+/=]+')$/, policy);
  assert.match(directives.get("form-action"), /^'self'( http:\/\/(127\.0\.0\.1|localhost):\d+)?$/, policy);
  assert.ok(!/unsafe|\*|data:/.test(policy), policy);
  // One script of ours asks for passkeys, and nothing else runs.
  assert.match(directives.get("script-src") ?? "none", hasPasskeys ? /^'sha256-[A-Za-z0-9+/=]+'$/ : /^none$/, policy);
  assert.match(headers["cache-control"], /no-store/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  // With "no-referrer" a browser would hide the origin of a form as well, and that is checked.
  assert.match(headers["referrer-policy"], /^(no-referrer|same-origin)$/);
  assert.equal(headers["x-frame-options"], "DENY");
}

for (const entry of PAGES) {
  test(`the page "${entry.name}" is strict, accessible and fits, in light and dark`, async (t) => {
    const program = await startProgram(t, { config: entry.config });
    const file = entry.name.replace(/[^a-zA-Z]+/g, "-").toLowerCase();
    const visitor = await visit(t, browser, program.origin, { viewport: WIDE, colorScheme: "light" });
    const { page } = visitor;
    await show(entry, visitor);

    assertStrict(visitor.documents.at(-1), /^sign in, .*passkey/.test(entry.name));
    assert.notEqual(await background(page), DARK_GROUND);
    await page.screenshot({ path: screenshot(`${file}.light`), fullPage: true });
    assert.deepEqual(await violations(page), [], "in light");

    await page.emulateMedia({ colorScheme: "dark" });
    assert.equal(await background(page), DARK_GROUND, "dark is dark");
    await page.screenshot({ path: screenshot(`${file}.dark`), fullPage: true });
    assert.deepEqual(await violations(page), [], "in dark");

    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(NARROW);
    await page.screenshot({ path: screenshot(`${file}.narrow`), fullPage: true });
    assert.equal(await overflow(page), 0, "at 320 pixels");
    assert.deepEqual(await violations(page), [], "at 320 pixels");

    // A zoom of 200 % halves the window and leaves the rest to the page.
    await page.setViewportSize({ width: WIDE.width / 2, height: WIDE.height / 2 });
    assert.equal(await overflow(page), 0, "at a zoom of 200 %");
    await page.setViewportSize({ width: 640, height: 640 });
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    assert.equal(await overflow(page), 0, "with text of twice the size");
  });
}

test("the sign-in page explains every code that Auth.js gives it, and any other", async (t) => {
  const program = await startProgram(t);
  const { page } = await visit(t, browser, program.origin);

  for (const [code, text] of Object.entries(SIGN_IN_ERRORS)) {
    await page.goto(`/auth/signin?error=${code}`);
    await page.getByRole("alert").filter({ hasText: text }).waitFor();
  }
});

test("every error page leads back", async (t) => {
  const program = await startProgram(t);
  const { page } = await visit(t, browser, program.origin);

  for (const code of Object.keys(ERRORS)) {
    await page.goto(`/auth/error?error=${code}`);
    assert.equal(await page.getByRole("alert").count(), 1, code);
    await page.getByRole("link", { name: /^Go to / }).click();
    await page.getByText("You are not signed in.").waitFor();
  }
});

test("what is marked as focused can be seen, and nothing else is needed than Tab and Enter", async (t) => {
  const program = await startProgram(t);
  const { page } = await visit(t, browser, program.origin, { viewport: WIDE });
  const press = (key) => page.keyboard.press(key);

  await page.goto("/");
  await tabTo(page, "Sign in");
  await press("Enter");
  await page.getByRole("heading", { name: /^Sign in to / }).waitFor();
  assert.equal(await focused(page), "E-mail address", "the only field has the focus");
  await assertFocusVisible(page);
  await page.screenshot({ path: screenshot("focus-in-the-field.light") });
  await page.keyboard.type(ADA);
  await tabTo(page, "Sign in with Email");
  await page.screenshot({ path: screenshot("focus-on-the-button.light") });
  await page.emulateMedia({ colorScheme: "dark" });
  await assertFocusVisible(page);
  await page.screenshot({ path: screenshot("focus-on-the-button.dark") });
  await press("Enter");
  await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
  await tabTo(page, "Open the development mailbox");
  await press("Enter");
  await page.getByRole("heading", { name: "Development mailbox" }).waitFor();
  await tabTo(page, "Open the link");
  await press("Enter");
  await page.getByText("You are about to sign in as").waitFor();
  assert.equal(await focused(page), "Sign in");
  await press("Enter");
  await assertSignedIn(page, ADA);

  await tabTo(page, "Sign out");
  await press("Enter");
  await page.getByRole("heading", { name: "Sign out?" }).waitFor();
  assert.equal(await focused(page), "Sign out");
  await press("Enter");
  await page.getByText("You are not signed in.").waitFor();
});

test("a wrong address is told to a screen reader, with the field it is about", async (t) => {
  const program = await startProgram(t);
  const visitor = await visit(t, browser, program.origin);
  await show(PAGES.find(({ name }) => name === "sign in, after a wrong address"), visitor);

  const field = visitor.page.getByLabel("E-mail address");

  assert.equal(await field.getAttribute("aria-invalid"), "true");
  const description = await field.getAttribute("aria-describedby");
  assert.match(await visitor.page.locator(`#${description}`).textContent(), /not an e-mail address/);
  assert.equal(await field.inputValue(), "ada");
});

test("the colors that are forced by the system leave buttons and fields visible", async (t) => {
  const program = await startProgram(t);
  const { page } = await visit(t, browser, program.origin, { forcedColors: "active" });

  await page.goto("/auth/signin");

  for (const selector of ["input[type=email]", ".button"]) {
    const border = await page.locator(selector).evaluate((element) => getComputedStyle(element).borderTopWidth);
    assert.equal(border, "1px", selector);
  }
  await page.screenshot({ path: screenshot("sign-in.forced-colors") });
});

test("the answers that are no pages are not kept either, and the program's style sheet is one", async (t) => {
  const program = await startProgram(t);
  for (const [path, status, type] of [
    ["/auth/session", 200, "application/json"],
    ["/auth/csrf", 200, "application/json"],
    ["/auth/no-such-action", 400, "application/json"],
    ["/healthz", 200, "text/plain; charset=utf-8"],
    ["/no/such/page", 404, "text/plain; charset=utf-8"],
  ]) {
    const response = await fetch(program.origin + path);
    assert.equal(response.status, status, path);
    assert.equal(response.headers.get("content-type"), type, path);
    assert.match(response.headers.get("cache-control"), /no-store/, path);
  }
  const refused = await fetch(program.origin, { method: "POST" });
  assert.equal(refused.status, 405);
  assert.match(refused.headers.get("allow"), /GET/);
  assert.notEqual(await refused.text(), "");
  const style = await fetch(`${program.origin}/vestibule.css`);
  assert.equal(style.headers.get("content-type"), "text/css; charset=utf-8");
  assert.equal((await fetch(`${program.origin}/favicon.ico`)).status, 204);
});

/** The name of what has the focus, as assistive technology knows it. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    return (element?.labels?.[0] ?? element)?.textContent?.trim();
  });
}

/** Presses Tab until something with this name has the focus, which has to be seen at every step. */
async function tabTo(page, name) {
  const passed = [];
  for (let steps = 0; steps < 12; steps += 1) {
    await page.keyboard.press("Tab");
    const found = await focused(page);
    if (found !== undefined && (await page.evaluate(() => document.activeElement !== document.body))) {
      await assertFocusVisible(page);
      if (found === name) return;
    }
    passed.push(found);
  }
  assert.fail(`Tab does not lead to ${name}, only to ${passed.join(", ")}`);
}

/** The focused element has an outline that stands out from what is around it: at least 3 to 1 (WCAG 1.4.11). */
async function assertFocusVisible(page) {
  const { outline, width, color, ground } = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    const card = getComputedStyle(document.querySelector("main"));
    return {
      outline: style.outlineStyle,
      width: parseFloat(style.outlineWidth),
      color: style.outlineColor,
      ground: card.backgroundColor,
    };
  });
  assert.notEqual(outline, "none");
  assert.ok(width >= 2, `the outline is ${width} pixels wide`);
  const contrast = ratio(luminance(color), luminance(ground));
  assert.ok(contrast >= 3, `the outline ${color} on ${ground} has a contrast of ${contrast.toFixed(2)}`);
}

function luminance(color) {
  const [red, green, blue] = color.match(/[\d.]+/g).map((text) => {
    const part = Number(text) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ratio(one, other) {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
