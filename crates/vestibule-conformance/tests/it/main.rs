//! The suite has teeth: an adapter that breaks a promise fails the case on it.

mod broken;
mod list;
mod running;
mod sound;
mod teeth;
