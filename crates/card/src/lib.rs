//! Card profiles and what can be done with a card: identify, read, verify, sign, write.
