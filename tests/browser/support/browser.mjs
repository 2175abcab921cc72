// The real browser, and visitors that notice everything that is not as it should be.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { CHROMIUM } from "./environment.mjs";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Chromium with an empty profile; to be closed by the caller. */
export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS, chromiumSandbox: false });
}

/**
 * A visitor with cookies of its own, on one page.
 *
 * It collects what a visitor should never meet: messages on the console, exceptions, dialogs, requests that
 * failed or went elsewhere, violations of the Content-Security-Policy. `assertCalm` says that there were none,
 * and runs by itself after the test.
 */
export async function visit(t, browser, origin, options = {}) {
  const context = await browser.newContext({ baseURL: origin, ...options });
  context.setDefaultTimeout(15_000);
  const problems = [];
  const documents = [];

  context.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`a request to elsewhere: ${request.url()}`);
  });
  context.on("requestfailed", (request) => {
    problems.push(`a failed request: ${request.url()}: ${request.failure()?.errorText}`);
  });
  context.on("response", (response) => {
    const request = response.request();
    if (request.isNavigationRequest()) documents.push(response);
    else if (response.status() >= 400) problems.push(`${response.status()} for ${response.url()}`);
  });
  context.on("console", (message) => {
    const url = message.location().url;
    // Chromium notes the status of an error page itself as an error; that status is asserted elsewhere.
    const ofStatus = /^Failed to load resource: the server responded with a status of [45]/.test(message.text());
    const ofDocument = documents.some((response) => response.status() >= 400 && response.url() === url);
    if (ofStatus && ofDocument) return;
    problems.push(`on the console (${message.type()}): ${message.text()} at ${url}`);
  });
  context.on("weberror", (error) => problems.push(`an exception: ${error.error()}`));
  context.on("dialog", (dialog) => {
    problems.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  await context.exposeBinding("reportViolation", (_source, what) => problems.push(`a violation: ${what}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      globalThis.reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });

  const page = await context.newPage();
  const assertCalm = () => assert.deepEqual(problems, [], "nothing disturbs the visitor");
  t.after(async () => {
    await context.close();
    assertCalm();
  });
  return { context, page, documents, problems, assertCalm };
}
