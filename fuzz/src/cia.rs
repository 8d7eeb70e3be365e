//! What a card says of its keys, certificates and PINs.

use lichna_apdu::{LONGEST_EXTENDED, LONGEST_SHORT};
use lichna_card::{Card, Profiles};

use super::Replay;

/// Most bytes of a certificate.
const LONGEST_CERTIFICATE: usize = 64 * 1024;
/// Most commands for these files, a certificate and the card's number: each file a byte at a time
/// would be more.
const MOST_COMMANDS: usize = 20_000;

/// The files of ISO/IEC 7816-15, and the certificates and the card's number that they lead to:
/// what the card says names nothing that its profile does not know, and no try is spent.
pub fn cia(data: &[u8]) {
    thread_local! {
        static PROFILES: Profiles = Profiles::builtin();
    }
    let Some((choice, answers)) = data.split_first() else {
        return;
    };
    let longest = if choice & 1 == 0 {
        LONGEST_SHORT
    } else {
        LONGEST_EXTENDED
    };
    let practice = PROFILES.with(|profiles| profiles.iter().find(|one| one.is_practice()).cloned());
    let Some(profile) = practice else {
        return;
    };
    let mut channel = Replay::new(answers, longest);
    let mut card = Card::already_selected(&mut channel, profile.clone());
    let mut refined = (*profile).clone();
    if let Ok(Some(cia)) = card.read_cia() {
        assert!(
            !cia.label()
                .is_some_and(|label| label.chars().any(char::is_control))
        );
        refined = profile.refined(&cia);
        assert_eq!(refined.pins(), profile.pins());
        assert_eq!(refined.keys().len(), profile.keys().len());
        for key in refined.login_keys() {
            assert!(
                cia.keys()
                    .iter()
                    .any(|said| said.reference == key.reference())
            );
            assert!(
                profile
                    .login_keys()
                    .any(|known| known.reference() == key.reference())
            );
        }
    }
    drop(card);
    let refined = std::sync::Arc::new(refined);
    let mut card = Card::already_selected(&mut channel, refined.clone());
    for key in refined.login_keys() {
        if let Ok(Some(certificate)) = card.read_certificate(key.reference()) {
            assert!(certificate.len() <= LONGEST_CERTIFICATE);
        }
    }
    let _ = card.read_card_number();
    drop(card);
    assert_eq!(channel.tries, 0, "nobody gave a PIN");
    assert!(channel.commands <= MOST_COMMANDS, "{}", channel.commands);
}
