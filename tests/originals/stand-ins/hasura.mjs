// The part of Hasura's GraphQL that its adapter needs here, on a pool of `pg`: the fields that Hasura makes for a table
// (`users`, `users_by_pk`, `insert_users_one`, `update_users`, `update_users_by_pk`, `delete_users` …), with the
// relations between users, sessions and accounts. PostgreSQL itself makes values of JSON and JSON of values, as it does
// below the real one.

import { createServer } from "node:http";

import { parse, valueFromASTUntyped } from "graphql";

const quote = (name) => `"${name.replaceAll('"', '""')}"`;
const TABLES = ["users", "accounts", "sessions", "verification_tokens"];
/** What Hasura is told of the foreign keys: the name of a relation, the table and the condition between the two rows. */
const RELATIONS = {
  user: ["users", (here, there) => `${there}.id = ${here}."userId"`],
  accounts: ["accounts", (here, there) => `${there}."userId" = ${here}.id`],
  sessions: ["sessions", (here, there) => `${there}."userId" = ${here}.id`],
};

/** A field at the root: what is done, and with which table. */
function meaning(name) {
  const found = /^(?:(insert|update|delete)_)?(.+?)(_one|_by_pk)?$/.exec(name);
  const [, verb = "select", table, single] = found;
  if (!TABLES.includes(table)) throw new Error(`field '${name}' not found in type: 'query_root'`);
  return { verb, table, single: Boolean(single) };
}

/** What a query selects, with its fragments in place. */
function* fields(selections, fragments) {
  for (const one of selections) {
    if (one.kind === "FragmentSpread") yield* fields(fragments[one.name.value].selectionSet.selections, fragments);
    else yield one;
  }
}

/** The condition of a `where`. */
function where(tests, alias, given) {
  const parts = Object.entries(tests).map(([name, test]) => {
    if ("_eq" in test) return `${alias}.${quote(name)} = ${given(test._eq)}`;
    const [table, joined] = RELATIONS[name];
    const inner = `${alias}_${name}`;
    return `EXISTS (SELECT FROM ${quote(table)} ${inner} WHERE ${joined(alias, inner)} AND ${where(test, inner, given)})`;
  });
  return parts.join(" AND ") || "true";
}

/** The JSON of a row. */
function json(selections, fragments, alias) {
  const parts = [...fields(selections, fragments)].map(({ name: { value: name }, selectionSet }) => {
    if (!selectionSet) return `'${name}', ${alias}.${quote(name)}`;
    const [table, joined] = RELATIONS[name];
    const inner = `${alias}_${name}`;
    const row = json(selectionSet.selections, fragments, inner);
    return `'${name}', (SELECT ${row} FROM ${quote(table)} ${inner} WHERE ${joined(alias, inner)})`;
  });
  return `json_build_object(${parts.join(", ")})`;
}

function statement(field, variables, fragments) {
  const { verb, table, single } = meaning(field.name.value);
  const params = [];
  const given = (value) => `$${params.push(value)}`;
  const args = Object.fromEntries(field.arguments.map(({ name, value }) => [name.value, valueFromASTUntyped(value, variables)]));
  const data = args.object ?? args._set;
  const columns = Object.keys(data ?? {}).map(quote);
  const record = data ? `json_populate_record(NULL::${quote(table)}, ${given(JSON.stringify(data))}) r` : "";
  const { object, _set, where: tests, pk_columns: key, ...others } = args;
  const named = Object.fromEntries(Object.entries({ ...key, ...others }).map(([name, value]) => [name, { _eq: value }]));
  const condition = `WHERE ${where(tests ?? named, "t", given)}`;
  const rows = {
    select: () => `SELECT t.* FROM ${quote(table)} t ${condition}`,
    insert: () => `INSERT INTO ${quote(table)} (${columns.join(", ")}) SELECT ${columns.map((it) => `r.${it}`).join(", ")} FROM ${record} RETURNING *`,
    update: () => `UPDATE ${quote(table)} t SET ${columns.map((it) => `${it} = r.${it}`).join(", ")} FROM ${record} ${condition} RETURNING t.*`,
    delete: () => `DELETE FROM ${quote(table)} t ${condition} RETURNING t.*`,
  }[verb]();
  const many = verb === "update" || verb === "delete";
  const inner = !single && many ? field.selectionSet.selections.find((it) => it.name.value === "returning") : field;
  const text = `WITH t AS (${rows}) SELECT coalesce(json_agg(${json(inner.selectionSet.selections, fragments, "t")}), '[]') AS found FROM t`;
  const shape = (found) => (single ? (found[0] ?? null) : many ? { returning: found } : found);
  return { text, params, shape };
}

const MESSAGES = { 23505: "Uniqueness violation", 23503: "Foreign key violation" };

async function answer(pool, { query, variables }) {
  const { definitions } = parse(query);
  const fragments = Object.fromEntries(definitions.filter((it) => it.kind === "FragmentDefinition").map((it) => [it.name.value, it]));
  const operation = definitions.find((it) => it.kind === "OperationDefinition");
  try {
    const data = {};
    for (const field of operation.selectionSet.selections) {
      const { text, params, shape } = statement(field, variables, fragments);
      const { rows } = await pool.query(text, params);
      data[field.name.value] = shape(rows[0].found);
    }
    return { data };
  } catch (error) {
    const known = MESSAGES[error.code];
    return { errors: [{ message: known ? `${known}. ${error.message}` : error.message }] };
  }
}

/** Starts one; tells its URL and how to stop it. */
export async function hasura(pool) {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = JSON.stringify(await answer(pool, JSON.parse(Buffer.concat(parts))));
    response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/v1/graphql`, close };
}
