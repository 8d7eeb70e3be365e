//! Contact or contactless, from the ATR and the reader's name.

use lichna_apdu::Interface;

/// TD1 of an ATR that a contactless reader makes up: T=0, and TD2 follows (PC/SC part 3 §3.1.3.2.3).
const CONTACTLESS_TD1: u8 = 0x80;
/// TD2 of such an ATR: T=1, and nothing follows.
const CONTACTLESS_TD2: u8 = 0x01;
/// What readers call their contactless half.
const CONTACTLESS_NAMES: [&str; 5] = ["picc", "contactless", "nfc", "5x21-cl", "5022-cl"];

/// How the card with this ATR is reached in `reader`.
///
/// A reader without contacts gives every card an ATR of the shape 3B 8n 80 01 … When in doubt the
/// answer is contactless, for it is the one that trusts less.
#[must_use]
pub fn interface(reader: &str, atr: &[u8]) -> Interface {
    let made_up = matches!(
        atr,
        [0x3B, t0, CONTACTLESS_TD1, CONTACTLESS_TD2, ..] if t0 >> 4 == 8
    );
    let name = reader.to_lowercase();
    if made_up || CONTACTLESS_NAMES.iter().any(|part| name.contains(part)) {
        Interface::Contactless
    } else {
        Interface::Contact
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_answers_to_reset_are_contactless() {
        let ntag = [
            0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06,
        ];
        let yubikey_nfc = [0x3B, 0x8D, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21];
        for atr in [&ntag[..], &yubikey_nfc[..]] {
            assert_eq!(interface("Some Reader 00 00", atr), Interface::Contactless);
        }
    }

    #[test]
    fn answers_to_reset_over_contacts_are_contact() {
        let yubikey_usb = [0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15];
        let nitrokey = [0x3B, 0x8F, 0x01, 0x80, 0x5D];
        for atr in [&yubikey_usb[..], &nitrokey[..], &[]] {
            assert_eq!(interface("Some Reader 00 00", atr), Interface::Contact);
        }
    }

    #[test]
    fn the_name_of_a_contactless_slot_counts_too() {
        let name = "ACS ACR1252 1S CL Reader [ACR1252 Reader PICC] 00 00";
        assert_eq!(interface(name, &[0x3B, 0x00]), Interface::Contactless);
    }
}
