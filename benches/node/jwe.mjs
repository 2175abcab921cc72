// Makes or reads session tokens with @auth/core/jwt as often as it can, for as long as it is told.
//
// One line of JSON in, one line out. The first line is {"secret","salt","token"}; each further one is
// {"what": "encode" | "decode", "millis"} and is answered by {"operations","seconds","cpuMicros"}.

import { createInterface } from "node:readline"
import { decode, encode } from "@auth/core/jwt"

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const read = async () => {
  const { value, done } = await lines.next()
  return done ? undefined : JSON.parse(value)
}
const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)

const { secret, salt, token } = await read()
const claims = await decode({ token, secret, salt })
const jobs = {
  encode: () => encode({ token: claims, secret, salt }),
  decode: () => decode({ token, secret, salt }),
}

write({ ready: true })
for (let job = await read(); job !== undefined; job = await read()) {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  let operations = 0
  for (const deadline = begun + job.millis; performance.now() < deadline; operations += 1) {
    if (!(await jobs[job.what]())) throw new Error("nothing came of it")
  }
  const seconds = (performance.now() - begun) / 1000
  const used = process.cpuUsage(cpu)
  write({ operations, seconds, cpuMicros: used.user + used.system })
}
