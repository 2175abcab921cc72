//! The engine from outside: requests in, responses out, with a store in memory, a clock that is moved by hand, a
//! seeded random source and a mailbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;

mod access_token;
mod advisories;
mod bad_input;
mod callback;
mod callbacks;
mod code_guards;
mod codes;
mod config;
mod cookie_refusals;
mod cookies;
mod credentials;
mod csrf;
mod current_session;
mod email_table;
mod enumeration;
mod jwt;
mod language;
mod leaks;
mod lessons;
mod limits;
mod oauth;
mod outage;
mod own_account;
mod own_tokens;
mod pages;
mod passkeys;
mod providers;
mod races;
mod redirects;
mod refusals;
mod rotation;
mod routes;
mod secrecy;
mod session;
mod sign_in;
mod sign_out;
mod tenants;
mod without_store;
