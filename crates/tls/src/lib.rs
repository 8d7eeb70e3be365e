//! A TLS client whose key is a trait (the card), and what a server asks for, explained.
