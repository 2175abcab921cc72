// A page as an application of Auth.js has it: the client for React, and a button for each of its calls.

import { getCsrfToken, getProviders, getSession, SessionProvider, signIn, signOut, useSession } from "next-auth/react";
import { createRoot } from "react-dom/client";

// What the calls answer is for the test to look at.
const record = async (name, call) => {
  window.answers = { ...window.answers, [name]: "waiting" };
  window.answers[name] = await call().catch((error) => ({ thrown: String(error) }));
};

const CREDENTIALS = { email: "ada@example.com", password: "correct horse", redirect: false };

function Page() {
  const { data, status, update } = useSession();
  const buttons = {
    "sign in": () => signIn("credentials", { ...CREDENTIALS, redirectTo: "/?home" }),
    "sign in and go": () => signIn("credentials", { ...CREDENTIALS, redirect: true, redirectTo: "/?home" }),
    "sign in wrongly": () => signIn("credentials", { ...CREDENTIALS, password: "wrong" }),
    "sign in with nothing": () => signIn("credentials", { redirect: false }),
    "sign in somehow": () => signIn(),
    "sign out": () => signOut({ redirect: false }),
    "sign out and go": () => signOut({ redirectTo: "/?bye" }),
    update: () => update({ name: "Countess" }),
    providers: () => getProviders(),
    csrf: () => getCsrfToken(),
    session: () => getSession(),
  };
  return (
    <main>
      <p id="status">{status}</p>
      <p id="name">{data?.user?.name ?? "nobody"}</p>
      {Object.entries(buttons).map(([name, call]) => (
        <button key={name} onClick={() => record(name, call)}>{name}</button>
      ))}
    </main>
  );
}

createRoot(document.getElementById("root")).render(
  <SessionProvider refetchOnWindowFocus={false}>
    <Page />
  </SessionProvider>,
);
