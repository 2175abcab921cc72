//! The catalogue. One table a range of letters; within, the order of the ids.
//!
//! `user(id, name, email, image)` says where these are in what the provider tells; see [`mapping`](crate::mapping) for
//! the notation. `verified` says where the provider tells that the address is the user's, and is left out where it does
//! not, or where it lets users write what they like. Notes are for operators: they become `docs/providers.md`.

mod a_to_c;
mod d_to_k;
mod l_to_o;
mod p_to_s;
mod t_to_z;
mod unusual;

use crate::entry::Entry;

pub(crate) const TABLES: [&[Entry]; 5] =
    [a_to_c::ENTRIES, d_to_k::ENTRIES, l_to_o::ENTRIES, p_to_s::ENTRIES, t_to_z::ENTRIES];
