//! Whole ceremonies with an authenticator in software, right ones and wrong ones.

mod authentication;
mod options;
mod registration;
mod support;
mod totality;
