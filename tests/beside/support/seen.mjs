// What came of a step, and what is in the tables, without what differs from run to run: ids, tokens and times.

const CHECKS = ["authjs.nonce", "authjs.pkce.code_verifier", "authjs.state"];

/** Names of the cookies that hold what a sign-in at a provider needs until it comes back. */
export const isCheck = (name) => CHECKS.includes(name);

/** How far off a time is, in hours; a run is shorter than half of one. */
const hours = (time, from = Date.now()) => Math.round((time - from) / 3_600_000);

/** A URL of the provider, where the values that are random are said to be there. */
function atProvider(url) {
  const told = ["client_id", "redirect_uri", "response_type", "scope", "code_challenge_method"];
  const params = [...url.searchParams].map(([name, value]) => [name, told.includes(name) ? value : "some"]);
  return { provider: url.pathname, params: Object.fromEntries(params.toSorted()) };
}

/** Where an answer leads. */
function place(text, { address, issuer }) {
  if (text === undefined) return undefined;
  if (text.startsWith(issuer)) return atProvider(new URL(text));
  return text.startsWith(address) ? text.slice(address.length) : text;
}

/** JSON with what is random or late in it replaced. */
function read(text, world) {
  return JSON.parse(text, (key, value) => {
    if (key === "csrfToken") return /^[0-9a-f]{64}$/.test(value) ? "some" : value;
    if (key === "expires") return `in ${hours(Date.parse(value))} hours`;
    return typeof value === "string" && key !== "image" ? place(value, world) : value;
  });
}

/** A cookie by name, with its attributes, and whether it was set or taken away. */
function cookie(line, world) {
  const [pair, ...said] = line.split("; ");
  const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
  const attributes = said.map((one) => one.split("=")).map(([key, to]) => [key.toLowerCase(), to ?? true]);
  const { "max-age": maxAge, expires, ...rest } = Object.fromEntries(attributes);
  const gone = maxAge === "0";
  const until = maxAge === undefined ? expires && Date.parse(expires) : Date.now() + maxAge * 1000;
  const lives = gone ? "gone" : until === undefined ? "with the browser" : `${Math.round((until - Date.now()) / 60_000)} minutes`;
  // Where the browser goes next is the one value that is not random.
  const held = name === "authjs.callback-url" && !gone ? { to: place(decodeURIComponent(value), world) } : {};
  return { name, lives, ...rest, ...held };
}

/** The answer, as far as both servers must agree on it. */
export function seen(answer, world) {
  const cookies = answer.cookies.map((line) => cookie(line, world));
  cookies.sort((a, b) => (a.name < b.name ? -1 : 1));
  const body = answer.type === "application/json" ? read(answer.text, world) : undefined;
  return { status: answer.status, to: place(answer.location, world), body, cookies };
}

const some = (value) => (value === null ? null : "some");

/** The rows of all four tables, without our own notes among the tokens; `begun` is when the walk began. */
export async function rows(client, begun) {
  const all = async (text) => (await client.query(text)).rows;
  const users = await all('SELECT * FROM users ORDER BY id');
  const number = new Map(users.map(({ id }, at) => [id, at]));
  const who = (id) => number.get(id) ?? `nobody has the id ${id}`;
  const from = (time) => time && hours(time, begun);
  return {
    users: users.map(({ id, emailVerified, ...user }) => ({ ...user, emailVerified: from(emailVerified) })),
    accounts: (await all('SELECT * FROM accounts ORDER BY id')).map(({ id, userId, ...account }) => ({
      ...account,
      userId: who(userId),
      access_token: some(account.access_token),
      refresh_token: some(account.refresh_token),
      id_token: some(account.id_token),
      expires_at: account.expires_at && hours(account.expires_at * 1000, begun),
    })),
    sessions: (await all('SELECT * FROM sessions ORDER BY id')).map(({ id, userId, expires, sessionToken }) => ({
      sessionToken,
      userId: who(userId),
      expires: from(expires),
    })),
    tokens: (await all("SELECT * FROM verification_token WHERE identifier NOT LIKE 'vestibule:%' ORDER BY identifier, expires")).map((token) => ({
      identifier: token.identifier,
      expires: from(token.expires),
      token: token.token.length,
    })),
  };
}
