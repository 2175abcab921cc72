// The original adapters, each on a database that is named by a URL or a path.

import "reflect-metadata";

import { readFileSync } from "node:fs";

import { prisma } from "./prisma.mjs";
import { hasura } from "./stand-ins/hasura.mjs";
import { postgrest } from "./stand-ins/postgrest.mjs";

/** Statements of a file below `fixtures/`, one a semicolon. */
const statements = (path) =>
  readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), "utf8")
    .replace(/^--.*$/gm, "")
    .split(";")
    .map((text) => text.trim())
    .filter(Boolean);

async function pgPool(url) {
  const { default: pg } = await import("pg");
  return new pg.Pool({ connectionString: url, max: 4 });
}

async function mysqlPool(url) {
  const { default: mysql } = await import("mysql2");
  return mysql.createPool({ uri: url, connectionLimit: 4 });
}

const database = (url) => (/^postgres/.test(url) ? "postgres" : /^mysql/.test(url) ? "mysql" : "sqlite");

/** A database of Drizzle, and how to run a statement below it. */
async function drizzled(url) {
  if (database(url) === "postgres") {
    const { drizzle } = await import("drizzle-orm/node-postgres");
    const pool = await pgPool(url);
    return { db: drizzle(pool), run: (text) => pool.query(text), close: () => pool.end() };
  }
  if (database(url) === "mysql") {
    const { drizzle } = await import("drizzle-orm/mysql2");
    const pool = (await mysqlPool(url)).promise();
    return { db: drizzle(pool), run: (text) => pool.query(text), close: () => pool.end() };
  }
  const { drizzle } = await import("drizzle-orm/better-sqlite3");
  const { default: Database } = await import("better-sqlite3");
  const file = new Database(url);
  return { db: drizzle(file), run: (text) => file.exec(text), close: () => file.close() };
}

/** A client of Prisma with one of its schemas, whose tables `migrate` makes as Prisma does. */
async function prismaOn(url, generation) {
  const client = await prisma(url, generation);
  const migrate = async () => {
    for (const text of statements(`published/prisma-${generation}.${database(url)}.sql`)) await client.$executeRawUnsafe(text);
  };
  return { client, migrate, close: () => client.$disconnect() };
}

/** An adapter of NextAuth v3, as its application makes one for each request: the secret and the sessions are its matter. */
async function v3(adapter) {
  const session = { maxAge: 30 * 86_400, updateAge: 86_400 };
  const logger = { error: console.error, warn: console.error, debug() {} };
  const methods = await adapter.getAdapter({ session, secret: "s3cret", baseUrl: "http://localhost:3000", logger });
  const provider = { maxAge: 86_400, async sendVerificationRequest() {} };
  return {
    ...methods,
    createVerificationRequest: (identifier, token) =>
      methods.createVerificationRequest(identifier, "http://localhost:3000/link", token, "ignored", provider),
  };
}

/** An adapter that speaks HTTP, over a stand-in for what it speaks with. */
async function overHttp(url, standIn, published, connect) {
  const pool = await pgPool(url);
  const server = await standIn(pool);
  const migrate = async () => {
    for (const text of statements(published)) await pool.query(text);
  };
  const close = async () => {
    server.close();
    await pool.end();
  };
  return { adapter: await connect(server.url), migrate, close };
}

const ADAPTERS = {
  async pg(url) {
    const { default: PostgresAdapter } = await import("@auth/pg-adapter");
    const pool = await pgPool(url);
    return { adapter: PostgresAdapter(pool), close: () => pool.end() };
  },

  async drizzle(url) {
    const { DrizzleAdapter } = await import("@auth/drizzle-adapter");
    const { db, close } = await drizzled(url);
    return { adapter: DrizzleAdapter(db), close };
  },

  /** The adapter before 0.3, with tables in the plural. */
  async "drizzle-plural"(url) {
    const { DrizzleAdapter } = await import("drizzle-plural");
    const { db, run, close } = await drizzled(url);
    const migrate = async () => {
      for (const text of statements(`published/drizzle-plural.${database(url)}.sql`)) await run(text);
    };
    return { adapter: DrizzleAdapter(db), migrate, close };
  },

  async typeorm(url, { snake = false } = {}) {
    const { TypeORMAdapter } = await import("@auth/typeorm-adapter");
    const { default: naming } = await import("typeorm-naming-strategies");
    const type = database(url);
    const place = type === "sqlite" ? { type: "better-sqlite3", database: url } : { type, url };
    const namingStrategy = snake ? new naming.SnakeNamingStrategy() : undefined;
    return { adapter: TypeORMAdapter({ ...place, namingStrategy, synchronize: true }), close: () => process.exit() };
  },

  "typeorm-snake": (url) => ADAPTERS.typeorm(url, { snake: true }),

  /** What NextAuth v3 calls `Adapters.TypeORM`. */
  async "v3-typeorm"(url) {
    const { default: Adapters } = await import("next-auth/adapters");
    const type = database(url);
    // The other package for SQLite is not here; the URL says that it is SQLite still.
    const file = { type: "better-sqlite3", url: `sqlite://${url}`, database: url };
    const place = type === "sqlite" ? file : { type, url };
    return { adapter: await v3(Adapters.TypeORM.Adapter(place)), close: () => process.exit() };
  },

  /** What it calls `Adapters.Prisma`. */
  async "v3-prisma-legacy"(url) {
    const { default: Adapters } = await import("next-auth/adapters");
    const { client, ...rest } = await prismaOn(url, "legacy");
    return { adapter: await v3(Adapters.Prisma.Adapter({ prisma: client })), ...rest };
  },

  /** The adapter of Prisma that came after that one. */
  async "v3-prisma"(url, generation = "new") {
    const { PrismaAdapter } = await import("next-auth-prisma");
    const { client, ...rest } = await prismaOn(url, generation);
    return { adapter: await v3(PrismaAdapter(client)), ...rest };
  },

  /** The same on models that are mapped to snake case. */
  "v3-prisma-mapped": (url) => ADAPTERS["v3-prisma"](url, "mapped"),

  /** Auth.js v5 on models that are mapped to snake case. */
  async "prisma-snake"(url) {
    const { PrismaAdapter } = await import("@auth/prisma-adapter");
    const { client, ...rest } = await prismaOn(url, "snake");
    return { adapter: PrismaAdapter(client), ...rest };
  },

  async kysely(url) {
    const { KyselyAdapter } = await import("@auth/kysely-adapter");
    const { Kysely, PostgresDialect, MysqlDialect, SqliteDialect, sql } = await import("kysely");
    const type = database(url);
    let dialect;
    if (type === "postgres") dialect = new PostgresDialect({ pool: await pgPool(url) });
    else if (type === "mysql") dialect = new MysqlDialect({ pool: await mysqlPool(url) });
    else {
      const { default: Database } = await import("better-sqlite3");
      dialect = new SqliteDialect({ database: new Database(url) });
    }
    const db = new Kysely({ dialect });
    const migrate = async () => {
      for (const text of statements(`published/kysely.${type}.sql`)) await sql.raw(text).execute(db);
    };
    return { adapter: KyselyAdapter(db), migrate, close: () => db.destroy() };
  },

  supabase: (url) =>
    overHttp(url, postgrest, "published/supabase.sql", async (address) => {
      // Its client wants one from Node 20 as well, and uses it for other things.
      globalThis.WebSocket ??= class {};
      const { SupabaseAdapter } = await import("@auth/supabase-adapter");
      return SupabaseAdapter({ url: address, secret: "secret" });
    }),

  hasura: (url) =>
    overHttp(url, hasura, "published/hasura.sql", async (endpoint) => {
      const { HasuraAdapter } = await import("@auth/hasura-adapter");
      return HasuraAdapter({ endpoint, adminSecret: "secret" });
    }),

  async sequelize(url) {
    const { default: SequelizeAdapter } = await import("@auth/sequelize-adapter");
    const { Sequelize } = await import("sequelize");
    const file = { dialect: "sqlite", storage: url, logging: false };
    const sequelize = database(url) === "sqlite" ? new Sequelize(file) : new Sequelize(url, { logging: false });
    return { adapter: SequelizeAdapter(sequelize), close: () => sequelize.close() };
  },

  async "mikro-orm"(url) {
    const { MikroOrmAdapter, defaultEntities } = await import("@auth/mikro-orm-adapter");
    const { MikroORM } = await import("@mikro-orm/core");
    const drivers = { postgres: "@mikro-orm/postgresql", mysql: "@mikro-orm/mysql", sqlite: "@mikro-orm/better-sqlite" };
    const { defineConfig } = await import(drivers[database(url)]);
    const place = database(url) === "sqlite" ? { dbName: url } : { clientUrl: url, dbName: new URL(url).pathname.slice(1) };
    const config = defineConfig({ ...place, entities: Object.values(defaultEntities), discovery: { warnWhenNoEntities: false } });
    const migrate = async () => {
      const orm = await MikroORM.init(config);
      await orm.schema.updateSchema();
      await orm.close();
    };
    return { adapter: MikroOrmAdapter(config), migrate, close: () => process.exit() };
  },

  async d1(path) {
    const { D1Adapter, up } = await import("@auth/d1-adapter");
    const { default: Database } = await import("better-sqlite3");
    const file = new Database(path);
    // The part of Cloudflare's binding that the adapter calls.
    const prepared = (text) => {
      const bound = (values) => ({
        bind: (...given) => bound(given.map((value) => (typeof value === "boolean" ? Number(value) : value))),
        first: async () => file.prepare(text).get(...values) ?? null,
        all: async () => ({ success: true, results: file.prepare(text).all(...values) }),
        run: async () => {
          const { changes } = file.prepare(text).run(...values);
          return { success: true, meta: { changes } };
        },
      });
      return bound([]);
    };
    const binding = {
      prepare: prepared,
      exec: async (text) => file.exec(text),
      batch: async (all) => Promise.all(all.map((one) => one.all())),
    };
    return { adapter: D1Adapter(binding), migrate: () => up(binding), close: () => file.close() };
  },
};

export const open = (name, url) => ADAPTERS[name](url);
