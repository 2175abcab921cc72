// The part of PostgREST that Supabase's client needs here, on a pool of `pg`: rows by equality, inserted, updated and
// deleted, with the row that a foreign key names inside. PostgreSQL itself makes values of JSON and JSON of values, as
// it does below the real one.

import { createServer } from "node:http";

const quote = (name) => `"${name.replaceAll('"', '""')}"`;
/** The foreign keys of the schema, by the table that they lead to. */
const EMBEDDED = { users: "userId" };
const STATUS = { 23505: 409, 23503: 409 };

/** The columns of `select=*,users(*)`. */
const selected = (list, schema) =>
  list.split(/,(?![^(]*\))/).map((part) => {
    const inner = /^\s*(\w+)\s*\(\*\)$/.exec(part);
    if (!inner) return part === "*" ? "t.*" : `t.${quote(part)}`;
    const [, table] = inner;
    const key = quote(EMBEDDED[table]);
    return `(SELECT row_to_json(o) FROM ${quote(schema)}.${quote(table)} o WHERE o.id = t.${key}) AS ${quote(table)}`;
  });

/** The statement of a request, and its parameters. */
function statement(method, table, schema, query, body) {
  const place = `${quote(schema)}.${quote(table)}`;
  const params = [];
  const given = (value) => `$${params.push(value)}`;
  const columns = Object.keys(body ?? {}).map(quote);
  const record = body ? `json_populate_record(NULL::${place}, ${given(JSON.stringify(body))}) r` : "";
  const conditions = [...query]
    .filter(([name]) => !["select", "columns"].includes(name))
    .map(([name, value]) => `t.${quote(name)} = ${given(/^eq\.(.*)$/s.exec(value)[1])}`);
  const where = conditions.length ? `WHERE ${conditions.join(" AND ")}` : "";
  const rows = {
    GET: () => `SELECT t.* FROM ${place} t ${where}`,
    POST: () => `INSERT INTO ${place} (${columns.join(", ")}) SELECT ${columns.map((it) => `r.${it}`).join(", ")} FROM ${record} RETURNING *`,
    PATCH: () => `UPDATE ${place} t SET ${columns.map((it) => `${it} = r.${it}`).join(", ")} FROM ${record} ${where} RETURNING t.*`,
    DELETE: () => `DELETE FROM ${place} t ${where} RETURNING t.*`,
  }[method]();
  const shown = selected(query.get("select") ?? "*", schema).join(", ");
  return [`WITH t AS (${rows}) SELECT coalesce(json_agg(row_to_json(f)), '[]')::text AS body FROM (SELECT ${shown} FROM t) f`, params];
}

async function answer(pool, request, text) {
  const url = new URL(request.url, "http://localhost");
  const table = /^\/rest\/v1\/(\w+)$/.exec(url.pathname)[1];
  const schema = request.headers["accept-profile"] ?? request.headers["content-profile"] ?? "public";
  try {
    const { rows } = await pool.query(...statement(request.method, table, schema, url.searchParams, text ? JSON.parse(text) : null));
    const wanted = request.method === "GET" || /return=representation/.test(request.headers.prefer ?? "");
    if (!wanted) return [request.method === "POST" ? 201 : 204, ""];
    if (!/vnd\.pgrst\.object/.test(request.headers.accept ?? "")) return [200, rows[0].body];
    const found = await pool.query("SELECT value::text FROM json_array_elements($1::json) value", [rows[0].body]);
    if (found.rows.length === 1) return [200, found.rows[0].value];
    const details = `The result contains ${found.rows.length} rows`;
    return [406, JSON.stringify({ code: "PGRST116", details, hint: null, message: "Cannot coerce the result to a single JSON object" })];
  } catch (error) {
    const { code, message, detail: details = null, hint = null } = error;
    return [STATUS[code] ?? 400, JSON.stringify({ code, details, hint, message })];
  }
}

/** Starts one; tells its URL and how to stop it. */
export async function postgrest(pool) {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const [status, body] = await answer(pool, request, Buffer.concat(parts).toString());
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}
