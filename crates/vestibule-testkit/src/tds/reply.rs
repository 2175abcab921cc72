//! What the server answers.

use std::net::SocketAddr;

use super::bytes::{length, long_text, short_text};
use super::cell::{Cell, Column, Kind};

/// Result sets, counts and errors, in order.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    parts: Vec<Part>,
    ending: Ending,
}

#[derive(Clone, Debug)]
enum Part {
    Set(Vec<Column>, Vec<Vec<Cell>>),
    Count(u64),
    Error { number: u32, class: u8, text: String },
}

/// What comes after the parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ending {
    #[default]
    Complete,
    HangUp,
    Silence,
}

const MORE: u16 = 1;
const ERROR: u16 = 2;
const COUNT: u16 = 16;

impl Reply {
    /// Nothing but that it is done.
    pub fn new() -> Self {
        Self::default()
    }

    /// A result set.
    #[must_use]
    pub fn set(mut self, columns: &[Column], rows: &[Vec<Cell>]) -> Self {
        self.parts.push(Part::Set(columns.to_vec(), rows.to_vec()));
        self
    }

    /// A statement that changed so many rows and returned none.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.parts.push(Part::Count(count));
        self
    }

    /// An error, with its number, its class (severity) and its text.
    #[must_use]
    pub fn error(mut self, number: u32, class: u8, text: &str) -> Self {
        self.parts.push(Part::Error { number, class, text: text.to_owned() });
        self
    }

    /// The row by which a batch of Vestibule's tells that its statement at `position` has ended.
    #[must_use]
    pub fn end_of_statement(self, position: i64) -> Self {
        let column = Column::new("vestibule:end", Kind::Int).not_null();
        self.set(&[column], &[vec![Cell::Int(position)]])
    }

    /// Breaks off here and closes the connection.
    #[must_use]
    pub fn hang_up(mut self) -> Self {
        self.ending = Ending::HangUp;
        self
    }

    /// Breaks off here and says nothing more.
    #[must_use]
    pub fn silence(mut self) -> Self {
        self.ending = Ending::Silence;
        self
    }

    pub(super) fn ending(&self) -> Ending {
        self.ending
    }

    /// The tokens; within a procedure they end otherwise than in a plain text.
    pub(super) fn encode(&self, is_call: bool) -> Vec<u8> {
        let (mut out, mut failed) = (Vec::new(), false);
        let within = if is_call { 0xff } else { 0xfd };
        for part in &self.parts {
            match part {
                Part::Set(columns, rows) => {
                    set(&mut out, columns, rows);
                    done(&mut out, within, MORE | COUNT, rows.len() as u64);
                }
                Part::Count(count) => done(&mut out, within, MORE | COUNT, *count),
                Part::Error { number, class, text } => {
                    error(&mut out, *number, *class, text);
                    failed = true;
                }
            }
        }
        if self.ending != Ending::Complete {
            return out;
        }
        if is_call {
            // What the procedure returns.
            out.push(0x79);
            out.extend(0_u32.to_le_bytes());
        }
        done(&mut out, if is_call { 0xfe } else { 0xfd }, if failed { ERROR } else { 0 }, 0);
        out
    }
}

fn set(out: &mut Vec<u8>, columns: &[Column], rows: &[Vec<Cell>]) {
    out.push(0x81);
    out.extend(length::<u16>(columns.len()).to_le_bytes());
    for column in columns {
        column.describe(out);
    }
    for row in rows {
        assert_eq!(row.len(), columns.len(), "a row has a cell for each column");
        // A row with `NULL` begins with a bit a column that says where; one without is shorter otherwise.
        if row.contains(&Cell::Null) {
            out.push(0xd2);
            for cells in row.chunks(8) {
                let bits = cells.iter().enumerate().map(|(at, cell)| u8::from(*cell == Cell::Null) << at);
                out.push(bits.sum());
            }
        } else {
            out.push(0xd1);
        }
        for (column, cell) in columns.iter().zip(row).filter(|(_, cell)| **cell != Cell::Null) {
            column.encode(cell, out);
        }
    }
}

fn done(out: &mut Vec<u8>, token: u8, status: u16, count: u64) {
    out.push(token);
    out.extend(status.to_le_bytes());
    out.extend([0; 2]);
    out.extend(count.to_le_bytes());
}

fn error(out: &mut Vec<u8>, number: u32, class: u8, text: &str) {
    let mut body = Vec::new();
    body.extend(number.to_le_bytes());
    body.extend([1, class]);
    long_text(&mut body, text);
    short_text(&mut body, "fake");
    short_text(&mut body, "");
    body.extend(1_u32.to_le_bytes());
    out.push(0xaa);
    out.extend(length::<u16>(body.len()).to_le_bytes());
    out.extend(body);
}

/// The answer to `PRELOGIN`: the version of SQL Server 2022, and whether to encrypt.
pub(super) fn prelogin(encryption: u8) -> Vec<u8> {
    let mut out = vec![0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff];
    out.extend([16, 0, 0x10, 0x46, 0, 0]);
    out.push(encryption);
    out
}

/// The answer to `LOGIN7`.
pub(super) fn welcome() -> Vec<u8> {
    let mut body = vec![1];
    body.extend(0x7400_0004_u32.to_be_bytes());
    short_text(&mut body, "Microsoft SQL Server");
    body.extend([16, 0, 0x10, 0x46]);
    let mut out = Vec::new();
    changed(&mut out, &[4, 4, b'4', 0, b'0', 0, b'9', 0, b'6', 0, 4, b'4', 0, b'0', 0, b'9', 0, b'6', 0]);
    out.push(0xad);
    out.extend(length::<u16>(body.len()).to_le_bytes());
    out.extend(body);
    done(&mut out, 0xfd, 0, 0);
    out
}

/// The answer to `LOGIN7` of a server that sends its clients elsewhere.
pub(super) fn elsewhere(address: SocketAddr) -> Vec<u8> {
    let mut route = vec![0];
    route.extend(address.port().to_le_bytes());
    long_text(&mut route, &address.ip().to_string());
    let mut change = vec![20];
    change.extend(length::<u16>(route.len()).to_le_bytes());
    change.extend(route);
    change.extend([0; 2]);
    let mut out = Vec::new();
    let welcome = welcome();
    out.extend(&welcome[..welcome.len() - 13]);
    changed(&mut out, &change);
    done(&mut out, 0xfd, 0, 0);
    out
}

fn changed(out: &mut Vec<u8>, change: &[u8]) {
    out.push(0xe3);
    out.extend(length::<u16>(change.len()).to_le_bytes());
    out.extend(change);
}
