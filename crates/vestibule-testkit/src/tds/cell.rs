//! Values as they travel, and the types of columns.

use super::bytes::{Input, length, long_text, short_text, to_utf16, utf16};

/// A value of a parameter or of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// `NULL`.
    Null,
    /// `bit`.
    Bit(bool),
    /// `tinyint`, `smallint`, `int` and `bigint`.
    Int(i64),
    /// `real` and `float`.
    Float(f64),
    /// `decimal`: the digits, without the point.
    Decimal(i128),
    /// `nvarchar`, `varchar` and `text`.
    Text(String),
    /// `uniqueidentifier`, the bytes in the order in which it is written.
    Guid([u8; 16]),
    /// `varbinary`.
    Bytes(Vec<u8>),
    /// `datetime`: days since 1900 and three-hundredths of a second.
    DateTime(i32, u32),
    /// `smalldatetime`: days since 1900 and minutes.
    SmallDateTime(u16, u16),
    /// `date`: days since the year 1.
    Date(u32),
    /// `datetime2`: days since the year 1 and units of the column's scale since midnight.
    DateTime2(u32, u64),
    /// `datetimeoffset`: the same, universal, and the offset in minutes.
    DateTimeOffset(u32, u64, i16),
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `bit`.
    Bit,
    /// `tinyint`.
    TinyInt,
    /// `smallint`.
    SmallInt,
    /// `int`.
    Int,
    /// `bigint`.
    BigInt,
    /// `real`.
    Real,
    /// `float`.
    Float,
    /// `decimal(38, …)` with so many digits behind the point.
    Decimal(u8),
    /// `nvarchar(255)`.
    NVarChar,
    /// `nvarchar(max)`.
    NVarCharMax,
    /// `varchar(255)` with a collation of Windows-1252.
    VarChar,
    /// `text`.
    Text,
    /// `uniqueidentifier`.
    Guid,
    /// `varbinary(max)`.
    VarBinaryMax,
    /// `datetime`.
    DateTime,
    /// `smalldatetime`.
    SmallDateTime,
    /// `date`.
    Date,
    /// `datetime2` with so many digits of a second.
    DateTime2(u8),
    /// `datetimeoffset` with so many.
    DateTimeOffset(u8),
}

/// A column of a result set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: String,
    kind: Kind,
    is_nullable: bool,
}

/// `SQL_Latin1_General_CP1_CI_AS`.
const COLLATION: [u8; 5] = [0x09, 0x04, 0xd0, 0x00, 0x34];

impl Column {
    /// A column that may hold `NULL`.
    pub fn new(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind, is_nullable: true }
    }

    /// Without `NULL`: some types travel otherwise then.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.is_nullable = false;
        self
    }

    /// The code of a type that is always there and always as long.
    fn fixed(&self) -> Option<u8> {
        let code = match self.kind {
            Kind::Bit => 0x32,
            Kind::TinyInt => 0x30,
            Kind::SmallInt => 0x34,
            Kind::Int => 0x38,
            Kind::BigInt => 0x7f,
            Kind::Real => 0x3b,
            Kind::Float => 0x3e,
            Kind::DateTime => 0x3d,
            Kind::SmallDateTime => 0x3a,
            _ => return None,
        };
        (!self.is_nullable).then_some(code)
    }

    /// Its part of `COLMETADATA`.
    pub(super) fn describe(&self, out: &mut Vec<u8>) {
        out.extend([0; 4]);
        out.extend([u8::from(self.is_nullable), 0]);
        match self.fixed() {
            Some(code) => out.push(code),
            None => self.describe_variable(out),
        }
        if self.kind == Kind::Text {
            out.push(1);
            long_text(out, "t");
        }
        short_text(out, &self.name);
    }

    fn describe_variable(&self, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Bit => out.extend([0x68, 1]),
            Kind::TinyInt => out.extend([0x26, 1]),
            Kind::SmallInt => out.extend([0x26, 2]),
            Kind::Int => out.extend([0x26, 4]),
            Kind::BigInt => out.extend([0x26, 8]),
            Kind::Real => out.extend([0x6d, 4]),
            Kind::Float => out.extend([0x6d, 8]),
            Kind::Decimal(scale) => out.extend([0x6a, 17, 38, scale]),
            Kind::Guid => out.extend([0x24, 16]),
            Kind::DateTime => out.extend([0x6f, 8]),
            Kind::SmallDateTime => out.extend([0x6f, 4]),
            Kind::Date => out.push(0x28),
            Kind::DateTime2(scale) => out.extend([0x2a, scale]),
            Kind::DateTimeOffset(scale) => out.extend([0x2b, scale]),
            Kind::VarBinaryMax => out.extend([0xa5, 0xff, 0xff]),
            Kind::NVarChar | Kind::NVarCharMax | Kind::VarChar | Kind::Text => {
                match self.kind {
                    Kind::NVarChar => out.extend([0xe7, 0xfe, 0x01]),
                    Kind::NVarCharMax => out.extend([0xe7, 0xff, 0xff]),
                    Kind::VarChar => out.extend([0xa7, 0xff, 0x00]),
                    _ => out.extend([0x23, 0xff, 0xff, 0xff, 0x7f]),
                }
                out.extend(COLLATION);
            }
        }
    }

    /// A value of it that is not `NULL`.
    ///
    /// # Panics
    ///
    /// If it is of another type.
    pub(super) fn encode(&self, cell: &Cell, out: &mut Vec<u8>) {
        let value = self.value(cell);
        match self.kind {
            Kind::NVarCharMax | Kind::VarBinaryMax => {
                out.extend((value.len() as u64).to_le_bytes());
                // In two chunks, as a long value comes.
                let (first, second) = value.split_at(value.len() / 2);
                for chunk in [first, second].into_iter().filter(|chunk| !chunk.is_empty()) {
                    out.extend(length::<u32>(chunk.len()).to_le_bytes());
                    out.extend(chunk);
                }
                out.extend([0; 4]);
            }
            Kind::NVarChar | Kind::VarChar => {
                out.extend(length::<u16>(value.len()).to_le_bytes());
                out.extend(value);
            }
            Kind::Text => {
                out.push(16);
                out.extend([0; 24]);
                out.extend(length::<u32>(value.len()).to_le_bytes());
                out.extend(value);
            }
            _ => {
                if self.fixed().is_none() {
                    out.push(length(value.len()));
                }
                out.extend(value);
            }
        }
    }

    fn value(&self, cell: &Cell) -> Vec<u8> {
        let ticks = |ticks: u64, scale| {
            let bytes = if scale <= 2 {
                3
            } else if scale <= 4 {
                4
            } else {
                5
            };
            ticks.to_le_bytes()[..bytes].to_vec()
        };
        match (self.kind, cell) {
            (Kind::Bit, Cell::Bit(truth)) => vec![u8::from(*truth)],
            (Kind::TinyInt, Cell::Int(number)) => number.to_le_bytes()[..1].to_vec(),
            (Kind::SmallInt, Cell::Int(number)) => number.to_le_bytes()[..2].to_vec(),
            (Kind::Int, Cell::Int(number)) => number.to_le_bytes()[..4].to_vec(),
            (Kind::BigInt, Cell::Int(number)) => number.to_le_bytes().to_vec(),
            #[expect(clippy::cast_possible_truncation, reason = "a test gives what fits")]
            (Kind::Real, Cell::Float(number)) => (*number as f32).to_le_bytes().to_vec(),
            (Kind::Float, Cell::Float(number)) => number.to_le_bytes().to_vec(),
            (Kind::Decimal(_), Cell::Decimal(digits)) => {
                let mut value = vec![u8::from(*digits >= 0)];
                value.extend(digits.unsigned_abs().to_le_bytes());
                value
            }
            (Kind::NVarChar | Kind::NVarCharMax, Cell::Text(text)) => to_utf16(text),
            (Kind::VarChar | Kind::Text, Cell::Text(text)) => {
                // Of Windows-1252, what Latin-1 has in common with it.
                text.chars().map(|letter| u8::try_from(letter).expect("a letter of Latin-1")).collect()
            }
            (Kind::Guid, Cell::Guid(bytes)) => swapped(*bytes).to_vec(),
            (Kind::VarBinaryMax, Cell::Bytes(bytes)) => bytes.clone(),
            (Kind::DateTime, Cell::DateTime(days, parts)) => {
                [days.to_le_bytes(), parts.to_le_bytes()].concat()
            }
            (Kind::SmallDateTime, Cell::SmallDateTime(days, minutes)) => {
                [days.to_le_bytes(), minutes.to_le_bytes()].concat()
            }
            (Kind::Date, Cell::Date(days)) => days.to_le_bytes()[..3].to_vec(),
            (Kind::DateTime2(scale), Cell::DateTime2(days, count)) => {
                [&ticks(*count, scale), &days.to_le_bytes()[..3]].concat()
            }
            (Kind::DateTimeOffset(scale), Cell::DateTimeOffset(days, count, offset)) => {
                [&ticks(*count, scale), &days.to_le_bytes()[..3], &offset.to_le_bytes()].concat()
            }
            (kind, cell) => panic!("{kind:?} cannot hold {cell:?}"),
        }
    }
}

/// The first three groups of a `uniqueidentifier` travel with the lowest byte first.
fn swapped(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

/// A parameter's type and value, as clients send them; `None` if it is of a type that is not known here.
pub(super) fn parameter(input: &mut Input<'_>) -> Option<Cell> {
    Some(match input.u8()? {
        0x1f => Cell::Null,
        0x26 => {
            let width = input.u8()?;
            match input.u8()? {
                0 => Cell::Null,
                length if length == width => Cell::Int(
                    input.number(length.into())?.cast_signed() << (64 - 8 * length) >> (64 - 8 * length),
                ),
                _ => return None,
            }
        }
        0x68 => {
            input.u8()?;
            if input.u8()? == 0 { Cell::Null } else { Cell::Bit(input.u8()? != 0) }
        }
        0x6d => match (input.u8()?, input.u8()?) {
            (_, 0) => Cell::Null,
            (8, 8) => Cell::Float(f64::from_bits(input.u64()?)),
            _ => return None,
        },
        0x2a => match (input.u8()?, input.u8()?) {
            (_, 0) => Cell::Null,
            (7, 8) => {
                let ticks = input.number(5)?;
                Cell::DateTime2(u32::try_from(input.number(3)?).ok()?, ticks)
            }
            _ => return None,
        },
        kind @ (0xe7 | 0xa5) => {
            let limit = input.u16()?;
            if kind == 0xe7 {
                input.take(COLLATION.len())?;
            }
            let value = if limit == u16::MAX {
                // All ones instead of a length is `NULL`.
                if input.u64()? == u64::MAX { None } else { Some(input.chunks()?) }
            } else {
                match input.u16()? {
                    u16::MAX => None,
                    length => Some(input.take(length.into())?.to_vec()),
                }
            };
            match value {
                None => Cell::Null,
                Some(value) if kind == 0xe7 => Cell::Text(utf16(&value)?),
                Some(value) => Cell::Bytes(value),
            }
        }
        _ => return None,
    })
}
