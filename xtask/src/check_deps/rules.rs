//! The rules, as data. `deny.toml` says the ones it can say a second time.

/// Whether a package is one of the backends is told by its folder, so a new one needs no line here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The package of this name.
    Package(&'static str),
    /// Every package below `backends/`.
    Backends,
}

/// What a package may not reach.
#[derive(Debug)]
pub(super) struct Ban {
    pub(super) who: Who,
    /// Reached by a normal dependency, directly or through others.
    pub(super) never_reaches: &'static [&'static str],
    pub(super) because: &'static str,
}

/// A package and all that it may bring along, through others too.
#[derive(Debug)]
pub(super) struct Alone {
    pub(super) who: &'static str,
    pub(super) brings: &'static [&'static str],
    pub(super) because: &'static str,
}

/// Arithmetic, text and JSON. Nothing here opens a file or a socket, asks for the time or for random bytes.
pub(super) const ALONE: [Alone; 1] = [Alone {
    who: "vestibule-token",
    brings: &[
        "aead",
        "aes",
        "aes-gcm",
        "base64",
        "block-buffer",
        "cbc",
        "cfg-if",
        "cipher",
        "cmov",
        "const-oid",
        "cpubits",
        "crypto-common",
        "ctr",
        "ctutils",
        "digest",
        "ghash",
        "hkdf",
        "hmac",
        "hybrid-array",
        "inout",
        "itoa",
        "memchr",
        "polyval",
        "ryu-js",
        "serde",
        "serde_core",
        "serde_json",
        "sha2",
        "thiserror",
        "typenum",
        "universal-hash",
        "zeroize",
        "zmij",
    ],
    because: "a small service, or one in WebAssembly, uses it alone",
}];

/// The only packages of the contract crate.
pub(super) const CORE: &str = "vestibule-core";
pub(super) const CORE_MAY_USE: [&str; 6] =
    ["async-trait", "getrandom", "serde_json", "subtle", "thiserror", "zeroize"];

/// Async runtimes, HTTP clients and database drivers.
const IO: &[&str] = &[
    "async-std",
    "curl",
    "deadpool-postgres",
    "diesel-async",
    "hyper",
    "hyper-util",
    "isahc",
    "lettre",
    "mio",
    "mysql_async",
    "reqwest",
    "rusqlite",
    "sea-orm",
    "smol",
    "sqlx",
    "sqlx-core",
    "tokio",
    "tokio-postgres",
    "ureq",
];
/// The engine and all that stands on it.
const ABOVE: &[&str] = &[
    "vestibule",
    "vestibule-axum",
    "vestibule-cli",
    "vestibule-engine",
    "vestibule-lucia",
    "vestibule-mailers",
];

pub(super) const BANS: [Ban; 20] = [
    Ban {
        who: Who::Package(CORE),
        never_reaches: IO,
        because: "the contract does no I/O and has no runtime",
    },
    Ban {
        who: Who::Package("vestibule-engine"),
        never_reaches: IO,
        because: "clock, random source, mailer and HTTP client are handed to the engine",
    },
    Ban {
        who: Who::Package("vestibule-engine"),
        never_reaches: &[
            "vestibule-sql",
            "vestibule-providers",
            "vestibule-axum",
            "vestibule-cli",
            "vestibule",
        ],
        because: "the engine knows the contract and nothing beside or above it",
    },
    Ban {
        who: Who::Package("vestibule-sql"),
        never_reaches: IO,
        because: "a driver does the I/O, vestibule-sql only writes the statements",
    },
    Ban {
        who: Who::Package("vestibule-sql"),
        never_reaches: ABOVE,
        because: "SQL serves the contract alone",
    },
    Ban {
        who: Who::Package("vestibule-lucia"),
        never_reaches: IO,
        because: "clock and random source are handed to it, and the store does the I/O",
    },
    Ban {
        who: Who::Package("vestibule-lucia"),
        never_reaches: &["vestibule-engine", "vestibule-sql", "vestibule-axum", "vestibule-cli", "vestibule"],
        because: "Lucia's interface knows the contract and nothing beside or above it",
    },
    Ban {
        who: Who::Package("vestibule-vault"),
        never_reaches: IO,
        because: "the store that it decorates does the I/O",
    },
    Ban {
        who: Who::Package("vestibule-vault"),
        never_reaches: &[
            "vestibule-engine",
            "vestibule-lucia",
            "vestibule-sql",
            "vestibule-axum",
            "vestibule-cli",
            "vestibule",
        ],
        because: "it decorates whatever keeps the contract, and knows nothing else",
    },
    Ban {
        who: Who::Package("vestibule-oauth"),
        never_reaches: IO,
        because: "clock and HTTP client are handed to the relying party",
    },
    Ban {
        who: Who::Package("vestibule-oauth"),
        never_reaches: ABOVE,
        because: "the relying party knows nothing of sessions, cookies and stores",
    },
    Ban {
        who: Who::Package("vestibule-oauth"),
        never_reaches: &["vestibule-providers"],
        because: "the relying party knows no provider by name",
    },
    Ban { who: Who::Package("vestibule-providers"), never_reaches: IO, because: "the catalogue is data" },
    Ban {
        who: Who::Package("vestibule-providers"),
        never_reaches: ABOVE,
        because: "the catalogue is data for the relying party and knows nothing above it",
    },
    Ban {
        who: Who::Package("vestibule-webauthn"),
        never_reaches: IO,
        because: "the relying party of WebAuthn is given what came, and gives back what it means",
    },
    Ban {
        who: Who::Package("vestibule-webauthn"),
        never_reaches: ABOVE,
        because: "the relying party of WebAuthn knows nothing of sessions, cookies and stores",
    },
    Ban {
        who: Who::Package("vestibule-webauthn"),
        never_reaches: &["vestibule-http", "vestibule-oauth", "vestibule-sql"],
        because: "the relying party of WebAuthn knows the contract's nouns alone",
    },
    Ban {
        who: Who::Package("vestibule-mailers"),
        never_reaches: &["vestibule-sql", "vestibule-axum", "vestibule-cli", "vestibule"],
        because: "a mailer knows the engine's mails and nothing beside or above them",
    },
    Ban {
        who: Who::Package("vestibule-http"),
        never_reaches: ABOVE,
        because: "sending requests is below everything else",
    },
    Ban {
        who: Who::Backends,
        never_reaches: ABOVE,
        because: "a backend knows the contract, never the engine",
    },
];

/// Packages that must not reach any backend.
pub(super) const NO_BACKEND_BELOW: [&str; 11] = [
    CORE,
    "vestibule-engine",
    "vestibule-lucia",
    "vestibule-mailers",
    "vestibule-oauth",
    "vestibule-providers",
    "vestibule-sql",
    "vestibule-vault",
    "vestibule-webauthn",
    "vestibule-axum",
    "vestibule-conformance",
];

/// Drivers and the like, and the packages of this workspace that may have each as a normal dependency.
pub(super) const OWNERS: &[(&str, &[&str])] = &[
    ("bb8-postgres", &["vestibule-bb8-postgres"]),
    ("deadpool-postgres", &["vestibule-tokio-postgres"]),
    ("diesel-async", &["vestibule-diesel-async"]),
    ("lettre", &["vestibule-mailers"]),
    ("mysql_async", &["vestibule-mysql-async"]),
    ("rusqlite", &["vestibule-rusqlite"]),
    ("sea-orm", &["vestibule-sea-orm"]),
    ("sqlx", &["vestibule-sqlx-mysql", "vestibule-sqlx-postgres", "vestibule-sqlx-sqlite"]),
    ("tiberius", &["vestibule-tiberius"]),
    ("tokio-postgres", &["vestibule-tokio-postgres"]),
    ("tokio-postgres-rustls", &["vestibule-tokio-postgres"]),
];

/// Packages for tests: a dev-dependency of others, never a normal one.
pub(super) const FOR_TESTS: [&str; 3] =
    ["vestibule-conformance", "vestibule-profile-tests", "vestibule-testkit"];

/// Packages that may not be in the lock file at all.
pub(super) const NOWHERE: [&str; 3] = ["native-tls", "openssl", "openssl-sys"];

/// Folders whose sources may not hold SQL, save for these packages.
pub(super) const NO_SQL_BELOW: [&str; 2] = ["backends/", "crates/"];
pub(super) const SQL_ALLOWED: [&str; 2] = ["crates/vestibule-sql/", "crates/vestibule-testkit/"];
