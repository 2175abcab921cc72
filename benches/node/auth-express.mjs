// A server with @auth/express, to be measured from outside.
//
// The first argument is JSON: {"secret", "session": "database" | "jwt", "database": {"url", "schema"} | null,
// "provider": URL | null}. When it listens it prints one line, {"port"}; it ends with its standard input.

import { ExpressAuth } from "@auth/express"
import PostgresAdapter from "@auth/pg-adapter"
import express from "express"
import pg from "pg"

const { secret, session, database, provider } = JSON.parse(process.argv[2])

const pool =
  database &&
  new pg.Pool({
    connectionString: database.url,
    max: 20,
    idleTimeoutMillis: 30000,
    connectionTimeoutMillis: 2000,
    options: `-c search_path=${database.schema}`,
  })

// The provider is the load generator: an OAuth 2 server that knows every code.
const github = provider && {
  id: "github",
  name: "GitHub",
  type: "oauth",
  authorization: { url: `${provider}/authorize`, params: { scope: "read:user user:email" } },
  token: `${provider}/token`,
  userinfo: `${provider}/user`,
  clientId: "client",
  clientSecret: "secret",
  profile: (user) => ({ id: String(user.id), name: user.name, email: user.email, image: user.avatar_url }),
}

const app = express()
app.set("trust proxy", true)
// `ExpressAuth` finds its base path by the first parameter, which in Express 5 only an expression has.
app.use(
  /^\/auth\/(.*)/,
  ExpressAuth({
    secret,
    trustHost: true,
    session: { strategy: session },
    adapter: pool ? PostgresAdapter(pool) : undefined,
    providers: github ? [github] : [],
  }),
)

const server = app.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`)
})
process.stdin.on("end", () => process.exit(0)).resume()
