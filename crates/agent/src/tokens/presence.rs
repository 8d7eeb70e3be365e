//! Whether the holder is still there.

/// Ends when the holder locked the screen, or the computer goes to sleep; never where the system
/// does not tell.
pub async fn away() {
    std::future::pending().await
}
