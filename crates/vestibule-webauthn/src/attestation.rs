//! The attestation object: CBOR around the authenticator data (WebAuthn Level 3, 6.5).

use minicbor::Decoder;

use crate::auth_data::AuthData;
use crate::cbor::{self, NotCbor};
use crate::{Part, Problem};

/// How many entries a map may have. Three are meant.
const ENTRIES: u64 = 8;

/// The authenticator data in an attestation object. The statement is skipped.
pub(crate) fn auth_data(bytes: &[u8]) -> Result<AuthData, Problem> {
    let mut decoder = Decoder::new(bytes);
    let object = read(&mut decoder).map_err(|NotCbor| Problem::Malformed(Part::AttestationObject))?;
    if decoder.position() != bytes.len() {
        return Err(Problem::TrailingBytes(Part::AttestationObject));
    }
    if object.format == "none" && object.statements > 0 {
        return Err(Problem::AttestationStatement);
    }
    AuthData::parse(object.auth_data)
}

struct Object<'a> {
    format: &'a str,
    /// How many entries the statement has.
    statements: u64,
    auth_data: &'a [u8],
}

fn read<'a>(decoder: &mut Decoder<'a>) -> Result<Object<'a>, NotCbor> {
    let (mut format, mut statements, mut auth_data) = (None, None, None);
    let entries = cbor::map(decoder)?;
    if entries > ENTRIES {
        return Err(NotCbor);
    }
    for _ in 0..entries {
        let twice = match decoder.str()? {
            "fmt" => format.replace(decoder.str()?).is_some(),
            "attStmt" => statements.replace(cbor::skip_map(decoder)?).is_some(),
            "authData" => auth_data.replace(decoder.bytes()?).is_some(),
            _ => {
                cbor::skip(decoder)?;
                false
            }
        };
        if twice {
            return Err(NotCbor);
        }
    }
    Ok(Object {
        format: format.ok_or(NotCbor)?,
        statements: statements.ok_or(NotCbor)?,
        auth_data: auth_data.ok_or(NotCbor)?,
    })
}
