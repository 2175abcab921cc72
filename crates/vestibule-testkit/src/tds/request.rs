//! What a client asks.

use std::fmt;

use super::bytes::{Input, utf16};
use super::cell::{Cell, parameter};
use super::channel::Message;

/// Somebody who signs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password, in clear.
    pub password: String,
    /// What the program calls itself.
    pub application: String,
    /// The server that was asked for.
    pub server: String,
    /// The database.
    pub database: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Reads `LOGIN7`: after 36 bytes of numbers, the places of the texts.
    pub(super) fn decode(body: &[u8]) -> Option<Self> {
        let text = |position: usize| {
            let mut place = Input(body.get(36 + position * 4..)?);
            let (offset, length) = (usize::from(place.u16()?), usize::from(place.u16()?));
            body.get(offset..offset + length * 2)
        };
        // Hidden from nobody: halves of bytes swapped, bits turned.
        let password: Vec<_> = text(2)?.iter().map(|byte| (byte ^ 0xa5).rotate_left(4)).collect();
        Some(Self {
            user: utf16(text(1)?)?,
            password: utf16(&password)?,
            application: utf16(text(3)?)?,
            server: utf16(text(4)?)?,
            database: utf16(text(8)?)?,
        })
    }
}

/// One request: `sp_executesql`, or a plain text.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Which connection it came on, counted from 1.
    pub connection: usize,
    /// Whether it is `sp_executesql`.
    pub is_call: bool,
    /// The text.
    pub text: String,
    /// How the parameters are declared, such as `@P1 bigint,@P2 nvarchar(4000)`.
    pub declared: String,
    /// The parameters, `@P1` first.
    pub params: Vec<Cell>,
}

impl Request {
    pub(super) fn decode(message: &Message, connection: usize) -> Option<Self> {
        let mut input = Input(&message.body);
        // All headers, with their length in front.
        let headers = input.u32()?;
        input.take((headers as usize).checked_sub(4)?)?;
        match message.kind {
            Message::BATCH => {
                let text = utf16(input.0)?;
                Some(Self { connection, is_call: false, text, declared: String::new(), params: Vec::new() })
            }
            Message::CALL => Self::decode_call(&mut input, connection),
            _ => None,
        }
    }

    fn decode_call(input: &mut Input<'_>, connection: usize) -> Option<Self> {
        // The number of a procedure follows where the length of its name would be all ones; 10 is `sp_executesql`.
        if (input.u16()?, input.u16()?, input.u16()?) != (u16::MAX, 10, 0) {
            return None;
        }
        let mut params = Vec::new();
        while !input.0.is_empty() {
            let length = input.u8()?;
            let name = input.text(length.into())?;
            input.u8()?;
            params.push((name, parameter(input)?));
        }
        let mut params = params.into_iter();
        let (Some((_, Cell::Text(text))), Some((_, Cell::Text(declared)))) = (params.next(), params.next())
        else {
            return None;
        };
        let mut values = Vec::new();
        for (position, (name, value)) in params.enumerate() {
            if name != format!("@P{}", position + 1) {
                return None;
            }
            values.push(value);
        }
        Some(Self { connection, is_call: true, text, declared, params: values })
    }
}
