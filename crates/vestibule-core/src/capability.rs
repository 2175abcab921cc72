//! What a store can and cannot do, as data.

/// How a store makes user ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// The database counts: `1`, `2`, …
    Serial,
    /// A UUID in its canonical lower-case text; the caller's is used if given.
    Uuid,
    /// Any text; the caller's is used if given.
    Text,
}

/// How finely a store keeps points in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampPrecision {
    /// To the millisecond: nothing is lost.
    Millis,
    /// To the second.
    Seconds,
}

/// What a store can and cannot do. The conformance suite and start-up checks read it; nothing else may
/// branch on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How user ids are made.
    pub id_kind: IdKind,
    /// How finely points in time are kept.
    pub timestamp_precision: TimestampPrecision,
    /// Whether there is a place for authenticators; without one every operation of that role is refused.
    pub authenticators: bool,
}
