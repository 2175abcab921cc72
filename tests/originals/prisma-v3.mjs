// Clients of Prisma for the two schemas that NextAuth v3 had, put together at run time: generating them would fetch an
// engine, which these do not use.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

const LEGACY = `
model User {
  id Int @id @default(autoincrement())
  name String?
  email String? @unique
  emailVerified DateTime? @map("email_verified")
  image String?
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @default(now()) @map("updated_at")
  @@map("users")
}
model Account {
  id Int @id @default(autoincrement())
  compoundId String @unique @map("compound_id")
  userId Int @map("user_id")
  providerType String @map("provider_type")
  providerId String @map("provider_id")
  providerAccountId String @map("provider_account_id")
  refreshToken String? @map("refresh_token")
  accessToken String? @map("access_token")
  accessTokenExpires DateTime? @map("access_token_expires")
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @default(now()) @map("updated_at")
  @@map("accounts")
}
model Session {
  id Int @id @default(autoincrement())
  userId Int @map("user_id")
  expires DateTime
  sessionToken String @unique @map("session_token")
  accessToken String @unique @map("access_token")
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @default(now()) @map("updated_at")
  @@map("sessions")
}
model VerificationRequest {
  id Int @id @default(autoincrement())
  identifier String
  token String @unique
  expires DateTime
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @default(now()) @map("updated_at")
  @@map("verification_requests")
}`;

const NEW = `
model User {
  id String @id @default(cuid())
  name String?
  email String? @unique
  emailVerified DateTime?
  image String?
  createdAt DateTime @default(now())
  updatedAt DateTime @updatedAt
  accounts Account[]
  sessions Session[]
}
model Account {
  id String @id @default(cuid())
  userId String
  providerType String
  providerId String
  providerAccountId String
  refreshToken String?
  accessToken String?
  accessTokenExpires DateTime?
  createdAt DateTime @default(now())
  updatedAt DateTime @updatedAt
  user User @relation(fields: [userId], references: [id])
  @@unique([providerId, providerAccountId])
}
model Session {
  id String @id @default(cuid())
  userId String
  expires DateTime
  sessionToken String @unique
  accessToken String @unique
  createdAt DateTime @default(now())
  updatedAt DateTime @updatedAt
  user User @relation(fields: [userId], references: [id])
}
model VerificationRequest {
  id String @id @default(cuid())
  identifier String
  token String @unique
  expires DateTime
  createdAt DateTime @default(now())
  updatedAt DateTime @updatedAt
  @@unique([identifier, token])
}`;

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

/** A client on a database of PostgreSQL or a file of SQLite, with the `"legacy"` schema or the `"new"` one. */
export async function prisma(url, generation) {
  const isFile = !/^postgres/.test(url);
  const provider = isFile ? "sqlite" : "postgresql";
  const models = generation === "legacy" ? LEGACY : NEW;
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
  return new Client({ adapter: isFile ? await sqlite(url) : await postgres(url) });
}

async function sqlite(path) {
  const { PrismaBetterSQLite3 } = await import("@prisma/adapter-better-sqlite3");
  // As Prisma's own engines of that time wrote it.
  return new PrismaBetterSQLite3({ url: `file:${path}` }, { timestampFormat: "unixepoch-ms" });
}

async function postgres(url) {
  const { PrismaPg } = await import("@prisma/adapter-pg");
  return new PrismaPg({ connectionString: url });
}
