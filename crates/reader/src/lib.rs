//! PC/SC readers: watch, connect, transaction, pinpad.
