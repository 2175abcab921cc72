// The application that was there before: it signs people in, by e-mail links that it prints.

import { ExpressAuth, getSession } from "@auth/express";
import PostgresAdapter from "@auth/pg-adapter";
import express from "express";
import pg from "pg";

const config = {
  trustHost: true,
  adapter: PostgresAdapter(new pg.Pool({ connectionString: process.env.DATABASE_URL })),
  providers: [
    {
      id: "email",
      type: "email",
      name: "Email",
      from: "app@example.com",
      maxAge: 24 * 60 * 60,
      sendVerificationRequest: ({ identifier, url }) => console.log(`To ${identifier}:\n${url}`),
    },
  ],
};

const app = express();
app.use("/auth/*", ExpressAuth(config));
app.get("/", async (request, response) => {
  const session = await getSession(request, config);
  response.send(session ? `Express knows ${session.user.email}` : '<a href="/auth/signin">Sign in</a>');
});
const port = Number(process.env.EXPRESS_PORT ?? 3001);
app.listen(port, "127.0.0.1", () => console.log(`Sign in at http://127.0.0.1:${port}`));
