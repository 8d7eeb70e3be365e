//! Fluent messages, Bulgarian and English, and their loader.
