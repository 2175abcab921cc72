//! What the adapter adds to the arguments of an operation: columns of the application's own, ids, and fills.

use sha2::{Digest as _, Sha256};
use vestibule_core::{AdapterError, Extra, IdKind, UserId};

use super::SqlAdapter;
use crate::decode;
use crate::profile::{ExtraColumn, Fill, IdMaker, Table};
use crate::{Driver, Value};

/// Why columns are written, which decides what those get that are not given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Occasion<'a> {
    /// A row is created: columns that are filled are filled.
    Create,
    /// An account is created, which has this provider and this id there.
    CreateAccount(&'a str, &'a str),
    /// A row is changed, in the columns of the contract or not: columns that are refreshed are refreshed.
    Change,
}

impl<D: Driver> SqlAdapter<D> {
    /// Adds the given and the filled columns of the application's own to the arguments, and says which they are,
    /// one bit each.
    pub(super) fn push_extra(
        &self,
        args: &mut Vec<Value>,
        table: Table,
        extra: &Extra,
        occasion: Occasion<'_>,
        operation: &'static str,
    ) -> Result<u128, AdapterError> {
        let columns = self.sql.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        let refuse = |problem: String| AdapterError::Refused { operation, source: problem.into() };
        let is_known = |field: &str| columns.iter().any(|column| &*column.field == field && !column.hidden);
        if let Some(field) = extra.keys().find(|field| !is_known(field)) {
            return Err(refuse(format!("the profile declares no column {field:?} for {table}")));
        }
        let mut mask = 0;
        for (bit, column) in columns.iter().enumerate() {
            let value =
                match extra.get(&column.field) {
                    Some(json) => {
                        let value = decode::write_extra(column, json);
                        Some(value.map_err(|takes| {
                            refuse(format!("the column {:?} takes {takes}", column.field))
                        })?)
                    }
                    None => self.fill(column, occasion),
                };
            if let Some(value) = value {
                args.push(value);
                mask |= 1 << bit;
            }
        }
        Ok(mask)
    }

    /// What a column gets for which nothing is given.
    fn fill(&self, column: &ExtraColumn, occasion: Occasion<'_>) -> Option<Value> {
        let (is_new, account) = match occasion {
            Occasion::Create => (true, None),
            Occasion::CreateAccount(provider, id) => (true, Some((provider, id))),
            Occasion::Change => (false, None),
        };
        match column.fill {
            Some(Fill::Now | Fill::NowPlus(_)) if is_new => Some(self.now_for(column)),
            Some(Fill::RandomHex(bytes)) if is_new => Some(Value::Text(self.random_hex(bytes))),
            Some(Fill::AccountHash) => account.map(|(provider, id)| Value::Text(account_hash(provider, id))),
            Some(Fill::AccountIssuer) => account.map(|(provider, _)| Value::Text(issuer(provider))),
            _ => (!is_new && column.refreshed).then(|| self.now_for(column)),
        }
    }

    /// Adds what the columns of a table get that nobody can give.
    pub(super) fn push_fills(&self, args: &mut Vec<Value>, table: Table) {
        let columns = self.sql.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        let filled = columns.iter().filter(|column| column.fill.is_some());
        args.extend(filled.map(|column| self.fill(column, Occasion::Create).unwrap_or(Value::Null)));
    }

    pub(super) fn now(&self) -> Value {
        Value::Time(self.clock.now())
    }

    /// The time that a column is filled or refreshed with.
    fn now_for(&self, column: &ExtraColumn) -> Value {
        Value::Time(self.clock.now().after(column.ahead()))
    }

    /// The id of a new user: the given one if the store can have it, otherwise one that is made here. `NULL` where
    /// the database counts.
    pub(super) fn new_user_id(&self, given: Option<&UserId>) -> Value {
        match self.sql.profile.id_kind {
            IdKind::Serial => Value::Null,
            kind => given.and_then(|id| self.user_id(id)).unwrap_or_else(|| self.new_id(kind)),
        }
    }

    /// The id of a new row; `NULL` where the table has none or the database counts.
    pub(super) fn new_row_id(&self, table: Table) -> Value {
        if self.sql.makes_id(table) { self.new_id(self.sql.profile.id_kind_of(table)) } else { Value::Null }
    }

    fn new_id(&self, kind: IdKind) -> Value {
        Value::Text(match (kind, self.sql.profile.id_maker) {
            (IdKind::Text, IdMaker::Alphanumeric(length)) => self.alphanumeric(length.into()),
            _ => self.uuid(),
        })
    }

    /// A random UUID, version 4 (RFC 9562).
    fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = hex(&bytes);
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }

    fn alphanumeric(&self, length: usize) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut id = String::with_capacity(length);
        while id.len() < length {
            let mut bytes = [0; 32];
            self.random.fill(&mut bytes);
            // 252 is the largest multiple of 36 in a byte: what lies above would make some letters more likely.
            let letters = bytes.iter().filter(|&&byte| byte < 252);
            id.extend(
                letters.map(|&byte| char::from(ALPHABET[usize::from(byte % 36)])).take(length - id.len()),
            );
        }
        id
    }

    fn random_hex(&self, length: u8) -> String {
        let mut bytes = vec![0; length.into()];
        self.random.fill(&mut bytes);
        hex(&bytes)
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// What NextAuth v3 keeps an account unique by.
fn account_hash(provider: &str, provider_account_id: &str) -> String {
    hex(&Sha256::digest(format!("{provider}:{provider_account_id}")))
}

/// What Better Auth keeps as the issuer of an account whose provider has none.
fn issuer(provider: &str) -> String {
    if provider == "credential" {
        return "local:credential".to_owned();
    }
    let mut issuer = "local:oauth:".to_owned();
    for byte in provider.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'!'
            | b'~'
            | b'*'
            | b'\''
            | b'('
            | b')' => {
                issuer.push(char::from(byte));
            }
            byte => {
                issuer.push('%');
                issuer.push_str(&hex(&[byte]).to_uppercase());
            }
        }
    }
    issuer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compound_id_is_that_of_the_original() {
        let hash = "4fcc682b4c8e565797dc73dfa62205f731c9a68fbda71ec1f9f86f5fe6051b9f";

        assert_eq!(account_hash("github", "583231"), hash);
    }
}
