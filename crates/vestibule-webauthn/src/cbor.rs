//! Reading CBOR in the form that WebAuthn writes it: with lengths, and not deep.

use minicbor::Decoder;
use minicbor::data::Type;

/// How deep a value may lie that is skipped. An attestation statement with certificates is two deep.
const DEPTH: usize = 8;

/// What is not CBOR of this form.
#[derive(Debug)]
pub(crate) struct NotCbor;

impl From<minicbor::decode::Error> for NotCbor {
    fn from(_: minicbor::decode::Error) -> Self {
        Self
    }
}

/// The head of a map. One without a length is refused.
pub(crate) fn map(decoder: &mut Decoder<'_>) -> Result<u64, NotCbor> {
    decoder.map()?.ok_or(NotCbor)
}

/// The head of an empty map or of another one, and the map itself behind the decoder.
pub(crate) fn skip_map(decoder: &mut Decoder<'_>) -> Result<u64, NotCbor> {
    let start = decoder.position();
    let entries = map(decoder)?;
    decoder.set_position(start);
    skip(decoder)?;
    Ok(entries)
}

/// Skips a value. Takes no more time than there are bytes, and no more stack than [`DEPTH`] allows.
pub(crate) fn skip(decoder: &mut Decoder<'_>) -> Result<(), NotCbor> {
    skip_within(decoder, DEPTH)
}

fn skip_within(decoder: &mut Decoder<'_>, depth: usize) -> Result<(), NotCbor> {
    match decoder.datatype()? {
        Type::Bool => decoder.bool().map(drop)?,
        Type::Null => decoder.null()?,
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => decoder.u64().map(drop)?,
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => decoder.int().map(drop)?,
        Type::Bytes => decoder.bytes().map(drop)?,
        Type::String => decoder.str().map(drop)?,
        Type::Array => {
            let items = decoder.array()?.ok_or(NotCbor)?;
            skip_many(decoder, items, depth)?;
        }
        Type::Map => {
            let entries = map(decoder)?;
            skip_many(decoder, entries.checked_mul(2).ok_or(NotCbor)?, depth)?;
        }
        // Tags, floats and values without lengths are in nothing that an authenticator writes (CTAP2 canonical form).
        _ => return Err(NotCbor),
    }
    Ok(())
}

fn skip_many(decoder: &mut Decoder<'_>, items: u64, depth: usize) -> Result<(), NotCbor> {
    let depth = depth.checked_sub(1).ok_or(NotCbor)?;
    // Each item takes a byte at least, so that a length that is a lie ends with the input.
    (0..items).try_for_each(|_| skip_within(decoder, depth))
}
