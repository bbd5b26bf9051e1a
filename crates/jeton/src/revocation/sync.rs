//! The atomics that a [table](super::table) and those who [wait](super::waiting) are made of.
//!
//! `crates/jeton/loom` compiles the same files with atomics whose every order it tries.

pub(super) use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};
pub(super) use std::sync::{Mutex, MutexGuard};
