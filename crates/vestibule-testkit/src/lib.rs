//! Test clock, seeded random source, mailbox and a counting proxy for the tests of Vestibule.
