//! Sets of features that tables lack, by the reason.

use Feature::{
    AccountTokens, Accounts, AllAccountTokens, AnyAccountType, Authenticators, CaseSensitiveKeys,
    DistantTimes, DistantTokenExpiry, EarlyTimes, EmailAddresses, EmailVerifiedTimes, Leases,
    LongCredentials, RenamedSchema, SerialIds, SeveralAccounts, SharedTokens, TextIds, UserDetails,
    UsersWithoutEmail, UsersWithoutName, UuidIds, VerificationTokens, WideCounters,
};
use vestibule_conformance::Feature;

/// Joins lists; `N` is their length together.
const fn join<const N: usize>(lists: &[&[Feature]]) -> [Feature; N] {
    let mut all = [RenamedSchema; N];
    let (mut list, mut at, mut filled) = (0, 0, 0);
    while list < lists.len() {
        while at < lists[list].len() {
            all[filled] = lists[list][at];
            at += 1;
            filled += 1;
        }
        list += 1;
        at = 0;
    }
    assert!(filled == N, "the length does not match");
    all
}

macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident = $($part:expr),+;)*) => {
        $(
            $(#[$doc])*
            pub(crate) const $name: &[Feature] = {
                const PARTS: &[&[Feature]] = &[$($part),+];
                const N: usize = {
                    let (mut total, mut at) = (0, 0);
                    while at < PARTS.len() {
                        total += PARTS[at].len();
                        at += 1;
                    }
                    total
                };
                const ALL: [Feature; N] = join(PARTS);
                &ALL
            };
        )*
    };
}

/// The names are the original's, so there is nothing to rename; and ids are of one kind.
const SERIAL: &[Feature] = &[RenamedSchema, TextIds, UuidIds];
const TEXT: &[Feature] = &[RenamedSchema, SerialIds, UuidIds];
const UUID: &[Feature] = &[RenamedSchema, SerialIds, TextIds];
const NO_AUTHENTICATORS: &[Feature] = &[Authenticators];
const WITH_AUTHENTICATORS: &[Feature] = &[Feature::NoAuthenticators];
/// A counter of 32 bits with a sign.
const INT4_COUNTER: &[Feature] = &[WideCounters];
/// `expires_at` of 32 bits with a sign, or of a type that ends when they do.
const INT4_EXPIRY: &[Feature] = &[DistantTokenExpiry];
const EMAIL_REQUIRED: &[Feature] = &[UsersWithoutEmail];
/// The token alone is the key, or unique.
const TOKEN_UNIQUE: &[Feature] = &[SharedTokens];
/// MySQL's usual collations take letters of another case for the same.
const IGNORES_CASE: &[Feature] = &[CaseSensitiveKeys];
/// Columns of 255 characters.
const SHORT: &[Feature] = &[LongCredentials];
/// `TIMESTAMP` ends in 2038 and begins in 1970.
const TIMESTAMP: &[Feature] = &[DistantTimes, EarlyTimes];
/// `BIGINT UNSIGNED` begins in 1970.
const UNSIGNED: &[Feature] = &[EarlyTimes];
const V3_TOKENS: &[Feature] = &[AllAccountTokens];

sets! {
    PG = SERIAL, NO_AUTHENTICATORS;
    NEON = SERIAL, NO_AUTHENTICATORS, INT4_EXPIRY;
    DRIZZLE_PG = TEXT, WITH_AUTHENTICATORS, INT4_COUNTER, INT4_EXPIRY;
    DRIZZLE_MYSQL = TEXT, WITH_AUTHENTICATORS, INT4_COUNTER, INT4_EXPIRY, IGNORES_CASE, SHORT, TIMESTAMP;
    DRIZZLE_SQLITE = TEXT, WITH_AUTHENTICATORS;
    /// It has no default tables for WebAuthn yet.
    DRIZZLE_PLURAL = TEXT, NO_AUTHENTICATORS, EMAIL_REQUIRED;
    DRIZZLE_PLURAL_PG = DRIZZLE_PLURAL, INT4_EXPIRY;
    DRIZZLE_PLURAL_MYSQL = DRIZZLE_PLURAL, INT4_EXPIRY, IGNORES_CASE, TIMESTAMP;
    PRISMA_PG = TEXT, WITH_AUTHENTICATORS, INT4_COUNTER, INT4_EXPIRY, EMAIL_REQUIRED;
    PRISMA_MYSQL = TEXT, WITH_AUTHENTICATORS, INT4_COUNTER, INT4_EXPIRY, IGNORES_CASE, SHORT, &[SeveralAccounts];
    PRISMA_SQLITE = TEXT, WITH_AUTHENTICATORS;
    PRISMA_SNAKE = TEXT, NO_AUTHENTICATORS, INT4_EXPIRY;
    PRISMA_SNAKE_MYSQL = PRISMA_SNAKE, IGNORES_CASE;
    PRISMA_SNAKE_SQLITE = TEXT, NO_AUTHENTICATORS;
    TYPEORM_PG = UUID, NO_AUTHENTICATORS;
    TYPEORM_MYSQL = UUID, NO_AUTHENTICATORS, IGNORES_CASE;
    TYPEORM_SQLITE = UUID, NO_AUTHENTICATORS;
    KYSELY = UUID, NO_AUTHENTICATORS, EMAIL_REQUIRED, TOKEN_UNIQUE;
    KYSELY_MYSQL = KYSELY, IGNORES_CASE;
    SUPABASE = UUID, NO_AUTHENTICATORS, TOKEN_UNIQUE;
    /// The types of accounts are those in `provider_type`.
    HASURA = UUID, NO_AUTHENTICATORS, INT4_EXPIRY, EMAIL_REQUIRED, TOKEN_UNIQUE, &[AnyAccountType];
    SEQUELIZE = UUID, NO_AUTHENTICATORS, INT4_EXPIRY, TOKEN_UNIQUE;
    SEQUELIZE_SQLITE = UUID, NO_AUTHENTICATORS, TOKEN_UNIQUE;
    SEQUELIZE_MYSQL = SEQUELIZE, IGNORES_CASE;
    MIKRO_ORM = TEXT, NO_AUTHENTICATORS, INT4_EXPIRY, TOKEN_UNIQUE;
    MIKRO_ORM_MYSQL = MIKRO_ORM, IGNORES_CASE;
    MIKRO_ORM_SQLITE = TEXT, NO_AUTHENTICATORS, TOKEN_UNIQUE;
    D1 = TEXT, NO_AUTHENTICATORS, TOKEN_UNIQUE;
    V3_TYPEORM = SERIAL, NO_AUTHENTICATORS, V3_TOKENS, TOKEN_UNIQUE;
    V3_TYPEORM_MYSQL = SERIAL, NO_AUTHENTICATORS, V3_TOKENS, TOKEN_UNIQUE, IGNORES_CASE, TIMESTAMP,
        INT4_EXPIRY;
    V3_PRISMA = TEXT, NO_AUTHENTICATORS, V3_TOKENS, TOKEN_UNIQUE;
    V3_PRISMA_MYSQL = V3_PRISMA, IGNORES_CASE;
    V3_LEGACY_MYSQL = V3_TYPEORM, IGNORES_CASE;
    /// Seconds of more than eleven digits would be read as milliseconds.
    V3_GUIDED = SERIAL, NO_AUTHENTICATORS, TOKEN_UNIQUE, &[DistantTokenExpiry];
    V3_GUIDED_MYSQL = V3_GUIDED, IGNORES_CASE;
    /// Of users there is nothing but an id and the application's attributes.
    LUCIA = TEXT, NO_AUTHENTICATORS, &[EmailAddresses, UserDetails, Accounts, VerificationTokens, Leases];
    /// The application has given its users e-mail addresses.
    LUCIA3 = TEXT, NO_AUTHENTICATORS, &[UserDetails, Accounts, VerificationTokens, Leases];
    LUCIA3_SERIAL = SERIAL, NO_AUTHENTICATORS, &[UserDetails, Accounts, VerificationTokens, Leases];
    LUCIA3_SERIAL_MYSQL = LUCIA3_SERIAL, IGNORES_CASE;
    LUCIA3_UUID = UUID, NO_AUTHENTICATORS, &[UserDetails, Accounts, VerificationTokens, Leases];
    LUCIA3_MYSQL = LUCIA3, IGNORES_CASE;
    /// A key is an account without a type and without tokens.
    LUCIA2 = TEXT, NO_AUTHENTICATORS,
        &[EmailAddresses, UserDetails, AnyAccountType, AccountTokens, AllAccountTokens, VerificationTokens, Leases];
    LUCIA2_MYSQL = LUCIA2, IGNORES_CASE, UNSIGNED;
    BETTER_AUTH = TEXT, NO_AUTHENTICATORS, EMAIL_REQUIRED,
        &[UsersWithoutName, EmailVerifiedTimes, AnyAccountType, AllAccountTokens];
    BETTER_AUTH_MYSQL = BETTER_AUTH, IGNORES_CASE, TIMESTAMP, INT4_EXPIRY;
}
