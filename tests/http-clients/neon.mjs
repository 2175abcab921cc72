// Neon's own client against a server that is to behave like Neon's. Run by a test of vestibule-neon, which gives the
// server's URL, the connection string, and a schema of its own.

import assert from 'node:assert/strict';
import { neon, neonConfig, NeonDbError } from '@neondatabase/serverless';

const { NEON_ENDPOINT: endpoint, NEON_CONNECTION_STRING: connectionString, NEON_SCHEMA: schema } = process.env;
neonConfig.fetchEndpoint = endpoint;
const sql = neon(connectionString, { fullResults: true });
const table = `${schema}.numbers`;

const wide = `SELECT 7::int4 AS a, 9007199254740993::int8 AS b, 1.5::float8 AS c, true AS d, 'tëxt'::text AS e,
  '2026-11-20 13:06:13.652+00'::timestamptz AS f, '{"k": [1, null]}'::jsonb AS g, '\\x01ff'::bytea AS h,
  1.10::numeric AS i, '6f9619ff-8b86-4011-b42d-00c04fc964ff'::uuid AS j, '{1,NULL,3}'::int4[] AS k,
  ARRAY['x"y', 'NULL', NULL] AS l, NULL::text AS m, 'NaN'::float8 AS n`;

async function selectsEveryType() {
  const answer = await sql.query(wide);
  assert.deepEqual(answer.rows, [{
    a: 7, b: '9007199254740993', c: 1.5, d: true, e: 'tëxt', f: new Date('2026-11-20T13:06:13.652Z'),
    g: { k: [1, null] }, h: Buffer.from([1, 255]), i: '1.10', j: '6f9619ff-8b86-4011-b42d-00c04fc964ff',
    k: [1, null, 3], l: ['x"y', 'NULL', null], m: null, n: NaN,
  }]);
  const field = (name, dataTypeID, dataTypeSize, dataTypeModifier = -1) =>
    ({ name, dataTypeID, tableID: 0, columnID: 0, dataTypeSize, dataTypeModifier, format: 'text' });
  assert.deepEqual(answer.fields, [
    field('a', 23, 4), field('b', 20, 8), field('c', 701, 8), field('d', 16, 1), field('e', 25, -1),
    field('f', 1184, 8), field('g', 3802, -1), field('h', 17, -1), field('i', 1700, -1), field('j', 2950, 16),
    field('k', 1007, -1), field('l', 1009, -1), field('m', 25, -1), field('n', 701, 8),
  ]);
  assert.equal(answer.command, 'SELECT');
  assert.equal(answer.rowCount, 1);
  assert.equal(answer.rowAsArray, false);

  const arrays = await sql.query('SELECT 1 AS x, 2 AS x', [], { arrayMode: true, fullResults: true });
  assert.deepEqual(arrays.rows, [[1, 2]]);
  assert.equal(arrays.rowAsArray, true);
}

async function sendsEveryParameter() {
  const text = `SELECT $1::int4 AS a, $2::bool AS b, $3::text AS c, $4::timestamptz AS d, $5::jsonb AS e,
    $6::int4[] AS f, $7::bytea AS g, $8::text[] AS h, $9::int8 AS i`;
  const at = new Date('2026-11-20T13:06:13.652Z');
  const { rows } =
    await sql.query(text, [7, true, null, at, { k: 'v"' }, [1, 2], Buffer.from([1, 255]), ['a"', null], 7n]);
  assert.deepEqual(rows, [{
    a: 7, b: true, c: null, d: at, e: { k: 'v"' }, f: [1, 2], g: Buffer.from([1, 255]), h: ['a"', null], i: '7',
  }]);
}

async function countsWhatStatementsDid() {
  const made = await sql.query(`CREATE TABLE ${table} (n int4 CONSTRAINT one_each UNIQUE)`);
  assert.equal(made.command, 'CREATE');
  assert.equal(made.rowCount, null);
  assert.deepEqual([made.rows, made.fields], [[], []]);
  const inserted = await sql.query(`INSERT INTO ${table} VALUES ($1), ($2) RETURNING n`, [1, 2]);
  assert.equal(inserted.command, 'INSERT');
  assert.equal(inserted.rowCount, 2);
  assert.deepEqual(inserted.rows, [{ n: 1 }, { n: 2 }]);
  assert.ok(inserted.fields[0].tableID > 0 && inserted.fields[0].columnID === 1);
}

async function runsABatchAsOneTransaction() {
  const settings = `SELECT current_setting('transaction_isolation') AS isolation,
    current_setting('transaction_read_only') AS read_only, current_setting('transaction_deferrable') AS deferrable,
    pg_current_xact_id_if_assigned()::text AS id`;
  const results = await sql.transaction(
    [sql.query(`INSERT INTO ${table} VALUES (3)`), sql.query(settings), sql.query(settings)],
    { isolationLevel: 'Serializable' },
  );
  const [, first, second] = results;
  assert.ok(first.rows[0].id);
  assert.deepEqual(first.rows, second.rows);
  assert.equal(first.rows[0].isolation, 'serializable');
  assert.equal(first.rows[0].read_only, 'off');

  const options = { isolationLevel: 'Serializable', readOnly: true, deferrable: true };
  const [reading] = await sql.transaction([sql.query(settings)], options);
  assert.deepEqual(reading.rows, [{ isolation: 'serializable', read_only: 'on', deferrable: 'on', id: null }]);
}

async function undoesABatchThatFails() {
  const count = async () => Number((await sql.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n);
  const before = await count();
  const failed = sql.transaction([
    sql.query(`INSERT INTO ${table} VALUES (10)`),
    sql.query(`INSERT INTO ${table} VALUES (11)`),
    sql.query(`INSERT INTO ${table} VALUES (10)`),
  ]);
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof NeonDbError);
    const { message, code, severity, detail, schema: where, table: name, constraint, column, dataType } = error;
    assert.deepEqual({ message, code, severity, detail, where, name, constraint }, {
      message: 'duplicate key value violates unique constraint "one_each"', code: '23505', severity: 'ERROR',
      detail: 'Key (n)=(10) already exists.', where: schema, name: 'numbers', constraint: 'one_each',
    });
    assert.deepEqual([column, dataType, error.position, error.hint], [undefined, undefined, undefined, undefined]);
    return true;
  });
  assert.equal(await count(), before);
}

async function reportsASyntaxError() {
  await assert.rejects(sql.query('SELECT 1 FRM x y'), (error) => {
    assert.ok(error instanceof NeonDbError);
    const { message, code, severity, position, file, routine } = error;
    assert.deepEqual({ message, code, severity, position, file, routine }, {
      message: 'syntax error at or near "x"', code: '42601', severity: 'ERROR', position: '14', file: 'scan.l',
      routine: 'scanner_yyerror',
    });
    assert.match(error.line, /^\d+$/);
    return true;
  });
}

async function refusesAWrongPassword() {
  const wrong = neon(connectionString.replace(/:[^:@]+@/, ':wrong@'));
  await assert.rejects(wrong.query('SELECT 1'), /password authentication failed for user/);
}

// What the client never asks for: values as JSON, and wrong headers.
async function answersInJson() {
  const ask = async (headers, body) => {
    const all = { 'Neon-Connection-String': connectionString, ...headers };
    const answer = await fetch(endpoint, { method: 'POST', headers: all, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json(), headers: answer.headers };
  };
  const { body } = await ask({}, { query: wide });
  assert.deepEqual(body.rows, [{
    a: 7, b: '9007199254740993', c: 1.5, d: true, e: 'tëxt', f: body.rows[0].f, g: { k: [1, null] }, h: '\\x01ff',
    i: '1.10', j: '6f9619ff-8b86-4011-b42d-00c04fc964ff', k: [1, null, 3], l: ['x"y', 'NULL', null], m: null,
    n: 'NaN',
  }]);
  const batch = { queries: [{ query: 'SELECT 1 AS a', arrayMode: true }, { query: 'SELECT $1 AS a', params: ['x'] }] };
  const both = await ask({ 'Neon-Batch-Isolation-Level': 'ReadCommitted', 'Neon-Batch-Read-Only': 'true' }, batch);
  assert.deepEqual(both.body.results.map((result) => result.rows), [[[1]], [{ a: 'x' }]]);
  assert.equal(both.headers.get('neon-batch-isolation-level'), 'ReadCommitted');
  assert.equal(both.headers.get('neon-batch-read-only'), 'true');
  const wrong = await ask({ 'Neon-Batch-Isolation-Level': 'read committed' }, batch);
  assert.deepEqual([wrong.status, wrong.body.message, wrong.body.code], [400, 'invalid isolation level', '']);
  const large = await ask({}, { query: "SELECT repeat('x', 11000000) AS a" });
  assert.equal(large.status, 507);
}

for (const test of [
  selectsEveryType, sendsEveryParameter, countsWhatStatementsDid, runsABatchAsOneTransaction, undoesABatchThatFails,
  reportsASyntaxError, refusesAWrongPassword, answersInJson,
]) {
  await test();
  console.log(`good: ${test.name}`);
}
