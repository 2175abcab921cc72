//! What the authenticator says: the authenticator data (WebAuthn Level 3, 6.1).

use minicbor::Decoder;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;
use vestibule_core::DeviceType;

use crate::cbor;
use crate::response::ID_LIMIT;
use crate::{Expected, Part, Problem, Verification};

const UP: u8 = 1;
const UV: u8 = 1 << 2;
const BE: u8 = 1 << 3;
const BS: u8 = 1 << 4;
const AT: u8 = 1 << 6;
const ED: u8 = 1 << 7;

/// Authenticator data that was taken apart.
#[derive(Clone, Debug)]
pub(crate) struct AuthData {
    rp_id_hash: [u8; 32],
    flags: u8,
    pub(crate) counter: u32,
    pub(crate) credential: Option<Attested>,
}

/// A credential that was made.
#[derive(Clone, Debug)]
pub(crate) struct Attested {
    pub(crate) aaguid: [u8; 16],
    pub(crate) id: Vec<u8>,
    /// The COSE key, byte by byte.
    pub(crate) key: Vec<u8>,
}

impl AuthData {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let malformed = || Problem::Malformed(Part::AuthenticatorData);
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or_else(malformed)?;
        let (&[flags], rest) = rest.split_first_chunk::<1>().ok_or_else(malformed)?;
        let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or_else(malformed)?;
        let mut credential = None;
        if flags & AT != 0 {
            let (attested, behind) = Attested::parse(rest)?;
            (credential, rest) = (Some(attested), behind);
        }
        if flags & ED != 0 {
            let mut decoder = Decoder::new(rest);
            cbor::skip_map(&mut decoder).map_err(|_| malformed())?;
            rest = rest.get(decoder.position()..).ok_or_else(malformed)?;
        }
        if !rest.is_empty() {
            return Err(Problem::TrailingBytes(Part::AuthenticatorData));
        }
        Ok(Self { rp_id_hash: *rp_id_hash, flags, counter: u32::from_be_bytes(*counter), credential })
    }

    pub(crate) fn verify(&self, expected: &Expected<'_>) -> Result<(), Problem> {
        let id = digest(&SHA256, expected.relying_party.id().as_bytes());
        if !bool::from(self.rp_id_hash.ct_eq(id.as_ref())) {
            return Err(Problem::WrongRelyingParty);
        }
        if self.flags & UP == 0 {
            return Err(Problem::UserNotPresent);
        }
        if expected.settings.verification == Verification::Demanded && !self.user_verified() {
            return Err(Problem::UserNotVerified);
        }
        if self.backed_up() && self.device_type() == DeviceType::SingleDevice {
            return Err(Problem::BackupState);
        }
        Ok(())
    }

    /// That the counter is one that every store has room for: the columns of Auth.js' tables have 31 bits.
    pub(crate) fn check_counter(&self) -> Result<(), Problem> {
        if self.counter > i32::MAX.unsigned_abs() {
            Err(Problem::CounterTooLarge(self.counter))
        } else {
            Ok(())
        }
    }

    pub(crate) fn user_verified(&self) -> bool {
        self.flags & UV != 0
    }

    pub(crate) fn device_type(&self) -> DeviceType {
        if self.flags & BE == 0 { DeviceType::SingleDevice } else { DeviceType::MultiDevice }
    }

    pub(crate) fn backed_up(&self) -> bool {
        self.flags & BS != 0
    }
}

impl Attested {
    fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), Problem> {
        let malformed = || Problem::Malformed(Part::AuthenticatorData);
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or_else(malformed)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(malformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if !(1..=ID_LIMIT).contains(&length) {
            return Err(Problem::CredentialIdLength(length));
        }
        let (id, rest) = rest.split_at_checked(length).ok_or_else(malformed)?;
        let mut decoder = Decoder::new(rest);
        cbor::skip_map(&mut decoder).map_err(|_| Problem::KeyMalformed)?;
        let (key, rest) = rest.split_at_checked(decoder.position()).ok_or_else(malformed)?;
        Ok((Self { aaguid: *aaguid, id: id.to_vec(), key: key.to_vec() }, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_counts_up_to_31_bits() {
        for (counter, expected) in [
            (0, Ok(())),
            (0x7fff_ffff, Ok(())),
            (0x8000_0000, Err(Problem::CounterTooLarge(0x8000_0000))),
            (u32::MAX, Err(Problem::CounterTooLarge(u32::MAX))),
        ] {
            let data = [&[0; 33], &counter.to_be_bytes()[..]].concat();

            assert_eq!(AuthData::parse(&data).unwrap().check_counter(), expected);
        }
    }
}
