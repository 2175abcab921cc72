// What comes with the request is shown as text or not at all, and leads nowhere else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visit } from "./support/browser.mjs";
import { sqliteFile } from "./support/databases.mjs";
import { assertSignedIn, getLink, signIn, useLink } from "./support/flow.mjs";
import { startProgram } from "./support/program.mjs";

const ADA = "ada@example.com";
let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const SCRIPTS = [
  `"><script>injected()</script>`,
  `'><img src=x onerror=injected()>`,
  `</style><svg onload=injected()>`,
  `" autofocus onfocus="injected()`,
  `javascript:injected()`,
  `{{injected()}}\${injected()}`,
  `<iframe srcdoc="<script>parent.injected()</script>">`,
  `<base href=//evil.example><meta http-equiv=refresh content="0;url=//evil.example">`,
];

const PLACES = {
  "error of the sign-in page": (text) => ["/auth/signin", { error: text }],
  "email of the sign-in page": (text) => ["/auth/signin", { email: text }],
  "callbackUrl of the sign-in page": (text) => ["/auth/signin", { callbackUrl: text }],
  "callbackUrl, as a path, of the sign-in page": (text) => ["/auth/signin", { callbackUrl: `/${text}` }],
  "callbackUrl, as a path, of the sign-out page": (text) => ["/auth/signout", { callbackUrl: `/${text}` }],
  "error of the error page": (text) => ["/auth/error", { error: text }],
  "provider and type of the page after the mail": (text) => ["/auth/verify-request", { provider: text, type: text }],
  "token of the link": (text) => ["/auth/callback/email", { email: ADA, token: text }],
  "email of the link": (text) => ["/auth/callback/email", { email: text, token: "0" }],
  "callbackUrl of the link": (text) => ["/auth/callback/email", { email: ADA, token: "0", callbackUrl: text }],
  "provider in the path": (text) => [`/auth/signin/${encodeURIComponent(text)}`, {}],
  "path of the engine": (text) => [`/auth/${encodeURIComponent(text)}`, {}],
  "path of the program": (text) => [`/${encodeURIComponent(text)}`, { q: text }],
  "query of the home page": (text) => ["/", { error: text, callbackUrl: text }],
  "query of the mailbox": (text) => ["/mailbox", { to: text }],
};

/** Elements and attributes that no page of ours has. */
function foreignNodes() {
  const found = [...document.querySelectorAll("script, img, svg, iframe, object, embed, base, meta[http-equiv]")];
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || /^\s*javascript:/i.test(value) && name !== "value") found.push(element);
    }
  }
  return found.map((element) => element.outerHTML);
}

// Without the policy, so that an injection would do its work instead of being stopped at the last moment.
for (const bypassCSP of [true, false]) {
  test(`scripts in every parameter are inert, ${bypassCSP ? "even without" : "and never trouble"} the policy`, async (t) => {
    const program = await startProgram(t);
    const { context, page, documents } = await visit(t, browser, program.origin, { bypassCSP });
    const injected = [];
    await context.exposeBinding("injected", ({ page: where }) => injected.push(where.url()));

    for (const [place, put] of Object.entries(PLACES)) {
      for (const script of SCRIPTS) {
        const [path, query] = put(script);
        const asked = `${path}?${new URLSearchParams(query)}`;
        await page.goto(asked);
        const status = documents.at(-1).status();
        assert.ok(status < 500, `${place}: ${status} for ${asked}`);
        assert.deepEqual(await page.evaluate(foreignNodes), [], `${place}: ${asked}`);
        assert.equal(new URL(page.url()).origin, program.origin, place);
      }
    }

    assert.deepEqual(injected, []);
  });
}

test("an injected script would be noticed by these tests, and is stopped by the policy", async (t) => {
  const program = await startProgram(t);
  const { context, page, problems } = await visit(t, browser, program.origin);
  let injected = 0;
  await context.exposeBinding("injected", () => (injected += 1));
  await page.goto("/auth/signin");

  const violated = page.waitForEvent("console", (message) => message.text().includes("Content Security Policy"));
  await page.evaluate(() => {
    document.body.insertAdjacentHTML("beforeend", `<button onclick="injected()">x</button>`);
    document.body.lastElementChild.click();
  });
  await violated;

  assert.equal(injected, 0);
  assert.equal((await page.evaluate(foreignNodes)).length, 1);
  assert.ok(problems.some((problem) => problem.startsWith("a violation: script-src-attr")), problems.join("\n"));
  problems.length = 0;
});

test("an address that is a script is shown as it was typed", async (t) => {
  const program = await startProgram(t);
  const { page } = await visit(t, browser, program.origin);
  const typed = `"><script>injected()</script>@example.com`;
  await page.goto("/auth/signin");
  // Without the browser's own check of addresses, as another client would.
  await page.evaluate(() => document.forms[0].setAttribute("novalidate", ""));
  await page.getByLabel("E-mail address").fill(typed);

  await page.getByRole("button", { name: "Sign in with Email" }).click();

  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("E-mail address").inputValue(), typed);
  assert.deepEqual(await page.evaluate(foreignNodes), []);
  assert.deepEqual(await sqliteFile(program).rows("verification_token"), []);
});

for (const elsewhere of [
  "https://evil.example/",
  "//evil.example",
  "https://evil.example@127.0.0.1/",
  "http://127.0.0.1.evil.example/",
]) {
  test(`a callbackUrl of ${elsewhere} is not followed after signing in, nor after signing out`, async (t) => {
    const program = await startProgram(t);
    const { page } = await visit(t, browser, program.origin);
    const query = new URLSearchParams({ callbackUrl: elsewhere });
    await page.goto(`/auth/signin?${query}`);
    await page.getByLabel("E-mail address").fill(ADA);
    await page.getByRole("button", { name: "Sign in with Email" }).click();
    await page.getByRole("link", { name: "Open the development mailbox" }).click();
    const link = new URL(await page.getByRole("link", { name: "Open the link" }).getAttribute("href"));
    assert.ok(!link.href.includes("evil"), link.href);
    link.searchParams.set("callbackUrl", elsewhere);

    await useLink(page, link.href);

    await assertSignedIn(page, ADA);
    assert.equal(page.url(), `${program.origin}/`);
    await page.goto(`/auth/signout?${query}`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are not signed in.").waitFor();
    assert.equal(page.url(), `${program.origin}/`);
  });
}

test("a page of another site cannot show ours in a frame", async (t) => {
  const program = await startProgram(t);
  const host = await startProgram(t);
  const context = await browser.newContext({ bypassCSP: true });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(host.origin);
  const refused = page.waitForEvent("console", (message) => message.text().includes("frame"));

  await page.evaluate((url) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    document.body.append(frame);
  }, `${program.origin}/auth/signin`);

  await refused;
  assert.ok(page.frames().slice(1).every((frame) => !frame.url().startsWith(program.origin)));
});

test("a form that was sent by another site's page does nothing", async (t) => {
  const program = await startProgram(t);
  const visitor = await visit(t, browser, program.origin);
  await signIn(visitor.page, ADA);
  const cookies = (await visitor.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");

  for (const path of ["/auth/signout", "/auth/signin/email"]) {
    const response = await fetch(program.origin + path, {
      method: "POST",
      redirect: "manual",
      headers: { cookie: cookies, origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      body: new URLSearchParams({ email: "eve@example.com", csrfToken: "0".repeat(64) }),
    });
    assert.match(response.headers.get("location") ?? "", /error=MissingCSRF/, path);
  }

  assert.equal((await sqliteFile(program).rows("sessions")).length, 1);
  assert.deepEqual(await sqliteFile(program).rows("verification_token"), []);
});

test("an old form is answered with a new one", async (t) => {
  const program = await startProgram(t);
  const { context, page } = await visit(t, browser, program.origin);
  await page.goto("/auth/signin");
  await page.getByLabel("E-mail address").fill(ADA);
  await context.clearCookies();

  await page.getByRole("button", { name: "Sign in with Email" }).click();

  await page.getByText("This form was no longer valid. Please try again.").waitFor();
  assert.ok(await getLink(page, ADA), "the new form works");
});
