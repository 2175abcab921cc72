//! The header of a token.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::TokenError;

/// No header of Auth.js is half as long, in characters of base64.
const MAX_HEADER: usize = 1024;
/// Members that change what a token means. None of them is ever written, and one that is there is not ignored.
const REFUSED: [&str; 5] = ["crit", "zip", "iss", "sub", "aud"];

/// How the claims are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// `A256CBC-HS512`.
    Cbc,
    /// `A256GCM`.
    Gcm,
}

/// What a header says.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) encryption: Encryption,
    /// Which key it is under.
    pub(crate) kid: Option<String>,
}

impl Header {
    /// Reads the first segment of a token.
    ///
    /// # Errors
    ///
    /// [`TokenError::Malformed`] if it is no header, or has a member twice; [`TokenError::Unsupported`] if it asks for
    /// anything but a shared key and the two ways of encryption.
    pub(crate) fn read(segment: &str) -> Result<Self, TokenError> {
        if segment.len() > MAX_HEADER {
            return Err(TokenError::Malformed);
        }
        let json = URL_SAFE_NO_PAD.decode(segment).map_err(|_| TokenError::Malformed)?;
        let members: Members = serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)?;
        let encryption = match (members.alg.as_deref(), members.enc.as_deref()) {
            _ if members.refused => return Err(TokenError::Unsupported),
            (Some("dir"), Some("A256CBC-HS512")) => Encryption::Cbc,
            (Some("dir"), Some("A256GCM")) => Encryption::Gcm,
            _ => return Err(TokenError::Unsupported),
        };
        Ok(Self { encryption, kid: members.kid })
    }
}

/// The members that matter. Others are skipped, as the standard has it.
#[derive(Default)]
struct Members {
    alg: Option<String>,
    enc: Option<String>,
    kid: Option<String>,
    refused: bool,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some(Name(name)) = map.next_key()? {
            let place = match &*name {
                "alg" => &mut members.alg,
                "enc" => &mut members.enc,
                "kid" => &mut members.kid,
                other => {
                    members.refused |= REFUSED.contains(&other);
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if place.replace(map.next_value()?).is_some() {
                return Err(serde::de::Error::custom("a member is there twice"));
            }
        }
        Ok(members)
    }
}

/// The name of a member, which may have escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
