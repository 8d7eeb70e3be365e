//! Whether the holder is still there: what the system says when the screen is locked, or before the
//! computer sleeps. Looked at only while something is granted.
//!
//! Anybody on a bus can say such a thing. All that comes of it is that the PIN is asked for again.

mod system;

pub use system::away;
