//! Contact or contactless, from the ATR and the reader's name.

use lichna_apdu::Interface;

pub(crate) fn interface(_reader: &str, _atr: &[u8]) -> Interface {
    Interface::Contact
}
