// libSQL's own client, over HTTP, against a server that is to behave like libSQL's. Run by a test of vestibule-hrana,
// which gives the server's URL and its token.

import assert from 'node:assert/strict';
import { createClient, LibsqlError } from '@libsql/client/http';

const { LIBSQL_URL: url, LIBSQL_TOKEN: authToken } = process.env;
const client = createClient({ url, authToken, intMode: 'bigint' });

const fails = (promise, code, message) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof LibsqlError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
});

async function selectsEveryType() {
  const bytes = new Uint8Array([0, 1, 255]);
  const answer = await client.execute({
    sql: 'SELECT ?1 AS a, ?2 AS b, ?3 AS c, ?4 AS d, ?5 AS e, ?6 AS f, 1 AS g, 2 AS g',
    args: [9223372036854775807n, 1.5, 'tëxt', bytes, null, true],
  });
  assert.deepEqual(answer.columns, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'g']);
  const [row] = answer.rows;
  assert.deepEqual([row.a, row.b, row.c, new Uint8Array(row.d), row.e, row.f, row[6], row[7]],
    [9223372036854775807n, 1.5, 'tëxt', bytes, null, 1n, 1n, 2n]);
  const named = await client.execute({ sql: 'SELECT :x AS a, @y AS b', args: { x: 1, y: 'z' } });
  assert.deepEqual([named.rows[0].a, named.rows[0].b], [1, 'z']);
}

async function countsWhatStatementsDid() {
  await client.execute('CREATE TABLE numbers (n INTEGER PRIMARY KEY, u TEXT UNIQUE)');
  const inserted = await client.execute("INSERT INTO numbers VALUES (5, 'a'), (6, 'b') RETURNING n");
  assert.deepEqual([inserted.rowsAffected, inserted.lastInsertRowid], [2, 6n]);
  assert.deepEqual(inserted.rows.map((row) => row.n), [5n, 6n]);
}

async function runsABatchAsOneTransaction() {
  const [first, second] = await client.batch(
    [{ sql: 'INSERT INTO numbers (n) VALUES (?)', args: [7] }, 'SELECT count(*) AS n FROM numbers'],
    'write',
  );
  assert.equal(first.rowsAffected, 1);
  assert.equal(second.rows[0].n, 3n);
  const insert = 'INSERT INTO numbers (n, u) VALUES (?, ?)';
  const failed = client.batch([{ sql: insert, args: [8, 'c'] }, { sql: insert, args: [9, 'a'] }], 'write');
  await fails(failed, 'SQLITE_CONSTRAINT', /SQLite error: UNIQUE constraint failed: numbers\.u/);
  const { rows } = await client.execute('SELECT count(*) AS n FROM numbers');
  assert.equal(rows[0].n, 3n);
}

async function keepsATransactionOpenBetweenRequests() {
  const transaction = await client.transaction('write');
  await transaction.execute('DELETE FROM numbers');
  assert.equal((await transaction.execute('SELECT count(*) AS n FROM numbers')).rows[0].n, 0n);
  await transaction.rollback();
  assert.equal((await client.execute('SELECT count(*) AS n FROM numbers')).rows[0].n, 3n);
  const kept = await client.transaction('write');
  await kept.execute('DELETE FROM numbers WHERE n = 7');
  await kept.commit();
  assert.equal((await client.execute('SELECT count(*) AS n FROM numbers')).rows[0].n, 2n);
}

async function runsSeveralStatements() {
  await client.executeMultiple('CREATE TABLE more (n); INSERT INTO more VALUES (1); INSERT INTO more VALUES (2);');
  assert.equal((await client.execute('SELECT sum(n) AS n FROM more')).rows[0].n, 3n);
}

async function reportsErrors() {
  await fails(client.execute('SELEC 1'), 'SQL_PARSE_ERROR', /SQL string could not be parsed/);
  await fails(client.execute('SELECT 1; SELECT 2'), 'SQL_MANY_STATEMENTS', /more than one statement/);
  await fails(client.execute(''), 'SQL_NO_STATEMENT', /does not contain any statement/);
  await fails(client.execute('SELECT * FROM nowhere'), 'SQL_INPUT_ERROR', /no such table: nowhere/);
  const stranger = createClient({ url, authToken: 'wrong' });
  await fails(stranger.execute('SELECT 1'), 'SERVER_ERROR', /401/);
}

for (const test of [
  selectsEveryType, countsWhatStatementsDid, runsABatchAsOneTransaction, keepsATransactionOpenBetweenRequests,
  runsSeveralStatements, reportsErrors,
]) {
  await test();
  console.log(`good: ${test.name}`);
}
