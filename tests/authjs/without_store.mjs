// The real Auth.js v5 without an adapter, for the differential test of crates/vestibule-engine: a sign-in at a provider of OAuth 2
// comes in as JSON, what the application is asked and told goes out, with the claims of the session and what `/session` says.
//
// What comes in is { origin, secret, token, userinfo }. Ids of users are random here, so that `id` and `sub` are left out.

import { Auth, skipCSRFCheck } from "@auth/core";
import { decode } from "@auth/core/jwt";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const { origin, secret, token, userinfo } = JSON.parse(input);

globalThis.fetch = async (url, init) => Response.json(init?.method === "POST" ? token : userinfo);

const seen = [];
const without = (name, value) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
const note = (what, { user, token, ...rest }) =>
  seen.push({ what, ...rest, ...(user && { user: without("id", user) }), ...(token && { token: without("sub", token) }) });

const config = {
  providers: [
    {
      id: "other",
      name: "Other",
      type: "oauth",
      clientId: "app",
      clientSecret: "secret",
      authorization: "https://other.example/authorize",
      token: "https://other.example/token",
      userinfo: "https://other.example/userinfo",
    },
  ],
  secret,
  trustHost: true,
  basePath: "/auth",
  skipCSRFCheck,
  pages: { newUser: "/welcome" },
  callbacks: {
    signIn: (asked) => (note("may sign in", asked), true),
    jwt: (asked) => (note("jwt", asked), asked.token),
  },
  events: Object.fromEntries(
    ["signIn", "createUser", "updateUser", "linkAccount"].map((event) => [event, (told) => note(event, told)]),
  ),
};

const cookies = new Map();
async function send(path, init = {}) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const response = await Auth(new Request(`${origin}/auth/${path}`, { ...init, headers: { cookie } }), config);
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
    cookies.set(name, value);
  }
  return response;
}

const begun = await send("signin/other?callbackUrl=/home", { method: "POST" });
const state = new URL(begun.headers.get("location")).searchParams.get("state");
const back = await send(`callback/other?code=code${state ? `&state=${state}` : ""}`);
const salt = "authjs.session-token";
const { iat, exp, jti, sub, ...claims } = await decode({ token: cookies.get(salt), secret, salt });
const atSignIn = seen.splice(0);
const { user } = await (await send("session")).json();
process.stdout.write(JSON.stringify({ to: back.headers.get("location"), atSignIn, claims, sub: typeof sub, user }));
