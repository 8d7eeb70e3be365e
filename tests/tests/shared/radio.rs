//! A practice card in a reader of the service, and a spy between card and reader.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::process::{Command, Stdio};

use lichna_ipc::{CardInfo, Reply, Request};
use lichna_softcard::{Face, Making};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::PracticeCard;

use crate::client::{Person, call};
use crate::stage::{HOLDER, Stage};

/// A stage whose card is a practice card.
pub struct Radio {
    pub stage: Stage,
    _file: PracticeCard,
}

impl Radio {
    /// With a key for logging in, on the radio.
    pub fn new() -> Self {
        Self::on(Face::Contactless, |_| ())
    }

    /// The same with another face, and made otherwise.
    pub fn on(face: Face, change: impl FnOnce(&mut Making)) -> Self {
        let ca = Ca::new("Login Test CA");
        let file = PracticeCard::with(change);
        file.personalise(&ca, HOLDER);
        let card = file.open().insert(face);
        Self {
            stage: Stage::with_card(card, ca, &ReaderSpec::vpcd("Radio Reader")),
            _file: file,
        }
    }

    /// What the agent says of the card.
    pub fn card(&self) -> CardInfo {
        match call(&self.stage.home, Request::Cards, &mut Person::nobody()) {
            Ok(Reply::Cards(mut cards)) => cards.remove(0),
            other => panic!("{other:?}"),
        }
    }

    /// The commands that came to the card outside a secure channel.
    pub fn plain_commands(&self) -> Vec<Vec<u8>> {
        let sent = self.stage.card.log().into_iter().map(|one| one.command);
        sent.filter(|command| command[0] & 0x0C == 0).collect()
    }

    /// How often a channel was begun: MSE:SET AT for PACE.
    pub fn channels(&self) -> usize {
        let plain = self.plain_commands();
        let begun = plain.iter();
        begun
            .filter(|command| command[1..4] == [0x22, 0xC1, 0xA4])
            .count()
    }

    /// Nothing came to the card outside a channel but EF.CardAccess and PACE, and no secret.
    pub fn assert_silent_before_the_channel(&self, secrets: &[&str]) {
        let commands = self.stage.card.log();
        let mut protected = false;
        for one in &commands {
            let command = &one.command;
            if command[0] & 0x0C != 0 {
                protected = true;
                continue;
            }
            let read_card_access = command.starts_with(&[0x00, 0xB0, 0x9C]);
            let pace = command.starts_with(&[0x00, 0x22, 0xC1, 0xA4])
                || (command[0] & !0x10 == 0 && command[1] == 0x86);
            // The rest of an answer that is protected as a whole.
            let rest = protected && command.starts_with(&[0x00, 0xC0, 0x00, 0x00]);
            assert!(read_card_access || pace || rest, "{command:02X?}");
            protected = rest;
        }
        for command in &commands {
            for secret in secrets {
                let found = command
                    .command
                    .windows(secret.len())
                    .any(|bytes| bytes == secret.as_bytes());
                assert!(!found, "a secret outside the channel: {command:02X?}");
            }
        }
    }

    /// Another program that says one thing to the card, in the clear, and ends.
    pub fn other_program(&self, helper: &str) -> impl FnMut() + 'static {
        let mut command: Command = self.stage.pcscd.command(std::env::current_exe().unwrap());
        command
            .args(["--ignored", "--exact", "--nocapture", helper])
            .env("READER", self.stage.pcscd.reader(0).name())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        move || assert!(command.status().unwrap().success())
    }
}

/// In that process: SELECT of the master file, in a transaction of its own.
pub fn speak_in_the_clear() {
    speak(pcsc::Disposition::LeaveCard);
}

/// The same, and the card is reset.
pub fn reset() {
    speak(pcsc::Disposition::ResetCard);
}

fn speak(leave: pcsc::Disposition) {
    let (reader, context) = crate::other::reader();
    let mut card = context
        .connect(&reader, pcsc::ShareMode::Shared, pcsc::Protocols::ANY)
        .unwrap();
    let transaction = card.transaction().unwrap();
    let select = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00];
    transaction.transmit(&select, &mut [0; 258]).unwrap();
    assert!(transaction.end(leave).is_ok());
    assert!(card.disconnect(pcsc::Disposition::LeaveCard).is_ok());
}
