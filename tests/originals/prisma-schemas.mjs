// The schemas of Prisma that the originals were used with, by generation.

export const SCHEMAS = {
  /** The form of Auth.js v5 whose tables and columns are mapped to snake case. */
  snake: `
model User {
  id String @id @default(cuid())
  name String?
  email String? @unique
  emailVerified DateTime? @map("email_verified")
  image String?
  accounts Account[]
  sessions Session[]
  @@map("users")
}
model Account {
  id String @id @default(cuid())
  userId String @map("user_id")
  type String
  provider String
  providerAccountId String @map("provider_account_id")
  refresh_token String?
  access_token String?
  expires_at Int?
  token_type String?
  scope String?
  id_token String?
  session_state String?
  user User @relation(fields: [userId], references: [id], onDelete: Cascade)
  @@unique([provider, providerAccountId])
  @@map("accounts")
}
model Session {
  id String @id @default(cuid())
  sessionToken String @unique @map("session_token")
  userId String @map("user_id")
  expires DateTime
  user User @relation(fields: [userId], references: [id], onDelete: Cascade)
  @@map("sessions")
}
model VerificationToken {
  identifier String
  token String
  expires DateTime
  @@unique([identifier, token])
  @@map("verification_tokens")
}`,

  /** NextAuth v3 with `Adapters.Prisma`. */
  legacy: `
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
}`,

  /** NextAuth v3 with `@next-auth/prisma-adapter` 0.5. */
  new: `
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
}`,

  /** The same, mapped to snake case. */
  mapped: `
model User {
  id String @id @default(cuid())
  name String?
  email String? @unique
  emailVerified DateTime? @map("email_verified")
  image String?
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @updatedAt @map("updated_at")
  accounts Account[]
  sessions Session[]
  @@map("users")
}
model Account {
  id String @id @default(cuid())
  userId String @map("user_id")
  providerType String @map("provider_type")
  providerId String @map("provider_id")
  providerAccountId String @map("provider_account_id")
  refreshToken String? @map("refresh_token")
  accessToken String? @map("access_token")
  accessTokenExpires DateTime? @map("access_token_expires")
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @updatedAt @map("updated_at")
  user User @relation(fields: [userId], references: [id])
  @@unique([providerId, providerAccountId])
  @@map("accounts")
}
model Session {
  id String @id @default(cuid())
  userId String @map("user_id")
  expires DateTime
  sessionToken String @unique @map("session_token")
  accessToken String @unique @map("access_token")
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @updatedAt @map("updated_at")
  user User @relation(fields: [userId], references: [id])
  @@map("sessions")
}
model VerificationRequest {
  id String @id @default(cuid())
  identifier String
  token String @unique
  expires DateTime
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @updatedAt @map("updated_at")
  @@unique([identifier, token])
  @@map("verification_requests")
}`,
};
