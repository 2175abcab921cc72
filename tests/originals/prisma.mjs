// Clients of Prisma, put together at run time: generating them would fetch an engine, which these do not use.

import { createRequire } from "node:module";

import { SCHEMAS } from "./prisma-schemas.mjs";

const require = createRequire(import.meta.url);

/** What the client has to know of the models at run time, told from the schema. */
function dataModel(schema) {
  const models = {};
  for (const [, name, body] of schema.matchAll(/model (\w+) \{([^}]*)\}/g)) {
    const fields = [...body.matchAll(/^  (\w+) (\w+)(?:\?|\[\])?(.*)$/gm)].map(([, field, type, rest]) => {
      const isScalar = ["Int", "String", "DateTime"].includes(type);
      if (!isScalar) return { name: field, kind: "object", type, relationName: [name, type].sort().join("To") };
      return { name: field, kind: "scalar", type, dbName: /@map\("(\w+)"\)/.exec(rest)?.[1] };
    });
    models[name] = { fields, dbName: /@@map\("(\w+)"\)/.exec(body)?.[1] ?? null };
  }
  return { models, enums: {}, types: {} };
}

const providerOf = (url) => (/^postgres/.test(url) ? "postgresql" : /^mysql/.test(url) ? "mysql" : "sqlite");

/** A client on a database of PostgreSQL or MariaDB, or on a file of SQLite, with one of the schemas. */
export async function prisma(url, generation) {
  const provider = providerOf(url);
  const models = SCHEMAS[generation];
  const source = `generator client {\n  provider = "prisma-client-js"\n  engineType = "client"\n}\n`;
  const place = `datasource db {\n  provider = "${provider}"\n  url = "file:unused"\n}\n`;
  const { getPrismaClient } = require("@prisma/client/runtime/client");
  const Client = getPrismaClient({
    generator: { name: "client", provider: { value: "prisma-client-js" }, config: { engineType: "client" } },
    relativePath: "",
    dirname: import.meta.dirname,
    clientVersion: require("@prisma/client/package.json").version,
    engineVersion: "none",
    datasourceNames: ["db"],
    activeProvider: provider,
    inlineDatasources: { db: { url: { fromEnvVar: null, value: "file:unused" } } },
    inlineSchema: source + place + models,
    inlineSchemaHash: generation,
    runtimeDataModel: dataModel(models),
    compilerWasm: {
      getRuntime: async () => require(`@prisma/client/runtime/query_compiler_bg.${provider}.js`),
      getQueryCompilerWasmModule: async () => {
        const { wasm } = require(`@prisma/client/runtime/query_compiler_bg.${provider}.wasm-base64.js`);
        return new WebAssembly.Module(Buffer.from(wasm, "base64"));
      },
    },
  });
  return new Client({ adapter: await CONNECT[provider](url) });
}

const CONNECT = {
  async sqlite(path) {
    const { PrismaBetterSQLite3 } = await import("@prisma/adapter-better-sqlite3");
    // As Prisma's own engines always wrote it.
    return new PrismaBetterSQLite3({ url: `file:${path}` }, { timestampFormat: "unixepoch-ms" });
  },

  async postgresql(url) {
    const { PrismaPg } = await import("@prisma/adapter-pg");
    return new PrismaPg({ connectionString: url });
  },

  async mysql(url) {
    const { PrismaMariaDb } = await import("@prisma/adapter-mariadb");
    const { hostname: host, port, username: user, password, pathname } = new URL(url);
    const login = { user: decodeURIComponent(user), password: decodeURIComponent(password) };
    return new PrismaMariaDb({ host, port: Number(port || 3306), ...login, database: pathname.slice(1), connectionLimit: 4 });
  },
};
