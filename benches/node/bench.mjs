// Runs `getSessionAndUser` of @auth/pg-adapter as often as it can, for as long as it is told.
//
// One line of JSON in, one line out. The first line is {"url","schema","tokens"}; each further one is
// {"concurrency","millis"} and is answered by {"operations","seconds","cpuMicros"}.

import { createInterface } from "node:readline"
import PostgresAdapter from "@auth/pg-adapter"
import pg from "pg"

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const read = async () => {
  const { value, done } = await lines.next()
  return done ? undefined : JSON.parse(value)
}
const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)

const { url, schema, tokens } = await read()
const pool = new pg.Pool({
  connectionString: url,
  max: 20,
  idleTimeoutMillis: 30000,
  connectionTimeoutMillis: 2000,
  options: `-c search_path=${schema}`,
})
const adapter = PostgresAdapter(pool)

/** Finds one session after the other until `deadline`; says how many. */
async function worker(deadline, start) {
  let done = 0
  // Steps by a prime, so that the workers meet all over the table.
  for (let at = start; performance.now() < deadline; at += 7919) {
    const found = await adapter.getSessionAndUser(tokens[at % tokens.length])
    if (found === null) throw new Error("a session is missing")
    done += 1
  }
  return done
}

write({ ready: true })
for (let job = await read(); job !== undefined; job = await read()) {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  const deadline = begun + job.millis
  const workers = Array.from({ length: job.concurrency }, (_, at) =>
    worker(deadline, Math.floor((at * tokens.length) / job.concurrency)),
  )
  const operations = (await Promise.all(workers)).reduce((sum, done) => sum + done, 0)
  const seconds = (performance.now() - begun) / 1000
  const used = process.cpuUsage(cpu)
  write({ operations, seconds, cpuMicros: used.user + used.system })
}
await pool.end()
