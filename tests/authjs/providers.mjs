// The real providers of Auth.js, for the differential test of crates/vestibule-providers: cases come in as JSON, answers go out.
//
// A case is { id, module, options, discovery, token, claims, alg, userinfo, signedUserinfo, userinfoUrl, user, answers }: the options of the
// provider, the document that its issuer publishes, what its token endpoint answers, the claims of its ID token, what it tells about the
// user, where, what it adds to the callback, and what other URLs answer. The real core signs in with it, from the request to the callback; only `fetch` is
// a stand-in. An answer is { authorization, user, account }, or has an { error }.

import { Auth, raw, skipCSRFCheck } from "@auth/core";

const ORIGIN = "https://app.example.com";
const json = (value, status = 200) => Response.json(value, { status });
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token whose signature means nothing: the original does not look at it. */
function unsigned(claims, alg) {
  return `${base64url({ alg, typ: "JWT" })}.${base64url(claims)}.c2lnbmF0dXJl`;
}

const now = () => Math.floor(Date.now() / 1000);
const times = () => ({ iat: now(), exp: now() + 600 });

function standIn({ discovery, token, claims, alg, userinfo, signedUserinfo, answers }, nonce) {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.pathname.endsWith("/.well-known/openid-configuration")) {
      // Tenants share one document, and have one each.
      const tenant = url.pathname.split("/")[1];
      return json({ ...discovery, issuer: tenant === "common" ? discovery.issuer : discovery.issuer.replace("{tenantid}", tenant) });
    }
    const known = answers[`${url.origin}${url.pathname}`];
    if (known !== undefined) return known === null ? json({}, 404) : json(known);
    if (init.method === "POST" && new URLSearchParams(init.body).has("grant_type")) {
      if (!claims) return json(token);
      const id_token = unsigned({ ...claims, ...times(), ...(nonce() && { nonce: nonce() }) }, alg ?? "RS256");
      return json({ ...token, id_token });
    }
    if (signedUserinfo) {
      const signed = unsigned({ ...userinfo, ...times() }, "RS256");
      return new Response(signed, { headers: { "content-type": "application/jwt" } });
    }
    return json(userinfo);
  };
}

/** The provider with the userinfo endpoint without which the original does not start. */
function configured(provider, { userinfoUrl: url }) {
  return url ? { ...provider, userinfo: { ...provider.userinfo, url } } : provider;
}

const described = (error) => `${error.name}: ${error.message} ${error.cause?.err?.stack ?? ""}`;

async function signIn(subject) {
  const { default: provider } = await import(`@auth/core/providers/${subject.module}`);
  let nonce;
  globalThis.fetch = standIn(subject, () => nonce);
  let seen;
  const config = {
    providers: [configured(provider(subject.options), subject)],
    secret: "secret",
    trustHost: true,
    basePath: "/auth",
    skipCSRFCheck,
    raw,
    logger: { error: (error) => (seen ??= { error: described(error) }), warn() {}, debug() {} },
    callbacks: {
      signIn({ user, account }) {
        seen = { user, account };
        return true;
      },
    },
  };
  const auth = async (path, init) => Auth(new Request(`${ORIGIN}/auth/${path}`, init), config);

  const begun = await auth(`signin/${subject.id}`, { method: "POST" });
  if (!begun.redirect?.startsWith("https://") || begun.redirect.startsWith(ORIGIN)) return seen ?? { error: begun.redirect };
  const url = new URL(begun.redirect);
  nonce = url.searchParams.get("nonce");

  const cookie = begun.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("; ");
  const fields = new URLSearchParams({ code: "code", ...(url.searchParams.has("state") && { state: url.searchParams.get("state") }) });
  if (subject.user) fields.set("user", JSON.stringify(subject.user));
  const asForm = url.searchParams.get("response_mode") === "form_post";
  const form = { method: "POST", headers: { cookie, "content-type": "application/x-www-form-urlencoded" }, body: fields };
  const callback = asForm ? auth(`callback/${subject.id}`, form) : auth(`callback/${subject.id}?${fields}`, { headers: { cookie } });
  await callback.catch((error) => (seen ??= { error: described(error) }));
  return { authorization: begun.redirect, ...seen };
}

let input = "";
for await (const chunk of process.stdin) input += chunk;
const answers = {};
for (const subject of JSON.parse(input)) {
  answers[subject.id] = await signIn(subject).catch((error) => ({ error: String(error) }));
}
process.stdout.write(JSON.stringify(answers));
