//! Our chip's side of PACE, of secure messaging and of Chip Authentication, as a card with nothing
//! else: EF.CardAccess, and E0 and E1, which answer with their data.

use getrandom::SysRng;
use lichna_apdu::{Channel, ChannelError, Interface, LONGEST_EXTENDED, ReceivedCommand};
use lichna_pace::chip::{ChipAuthentication, Messaging, Selection, Session};
use lichna_pace::{Cipher, Curve, PaceInfo, PasswordKind, PrivateKey, SecurityInfos};
use lichna_tests::openpace::{CAN, PIN, PUK};
use zeroize::Zeroizing;

pub struct OurChip {
    info: PaceInfo,
    key: PrivateKey,
    pace: Option<Session>,
    authentication: Option<ChipAuthentication>,
    messaging: Option<Messaging>,
}

impl OurChip {
    pub fn new(curve: Curve, cipher: Cipher) -> Self {
        Self {
            info: PaceInfo::new(curve, cipher),
            key: PrivateKey::generate(curve, &mut SysRng).unwrap(),
            pace: None,
            authentication: None,
            messaging: None,
        }
    }

    pub fn card_access(&self) -> Vec<u8> {
        let infos = SecurityInfos::new(vec![self.info.security_info().unwrap()]);
        infos.encode().unwrap()
    }

    /// The public half of its key for Chip Authentication.
    pub fn point(&self) -> Vec<u8> {
        self.key.public_key().bytes().to_vec()
    }

    /// Whether a channel stands.
    pub fn is_secure(&self) -> bool {
        self.messaging
            .as_ref()
            .is_some_and(|one| one.fault().is_none())
    }

    fn execute(&mut self, plain: &[u8]) -> (Vec<u8>, u16, Option<Messaging>) {
        let command = ReceivedCommand::parse(plain).unwrap();
        let status = |status| (Vec::new(), status, None);
        match (command.instruction, command.p1, command.p2) {
            (0x22, 0xC1, 0xA4) => {
                let selection = Selection::parse(command.data).unwrap();
                let password = match selection.password(&self.info) {
                    Ok(PasswordKind::Can) => CAN,
                    Ok(PasswordKind::Pin) => PIN,
                    Ok(PasswordKind::Puk) => PUK,
                    _ => return status(0x6A88),
                };
                self.pace = Some(Session::begin(&self.info, password.as_bytes()));
                status(0x9000)
            }
            (0x22, 0x41, 0xA4) => {
                match ChipAuthentication::select(command.data, self.info.cipher()) {
                    Ok(selected) => {
                        self.authentication = Some(selected);
                        status(0x9000)
                    }
                    Err(error) => status(error.status()),
                }
            }
            (0x86, ..) => {
                let answer = match (self.authentication.take(), &mut self.pace) {
                    (Some(selected), _) => selected
                        .agree(&self.key, command.data)
                        .map(|(messaging, data)| (data, 0x9000, Some(messaging))),
                    (None, Some(pace)) => pace
                        .general_authenticate(command.data, &mut SysRng)
                        .map(|answer| (answer.data, 0x9000, answer.channel)),
                    (None, None) => return status(0x6985),
                };
                answer.unwrap_or_else(|error| status(error.status()))
            }
            (0xE0 | 0xE1, ..) => (command.data.to_vec(), 0x9000, None),
            _ => status(0x6D00),
        }
    }
}

impl Channel for OurChip {
    fn interface(&self) -> Interface {
        Interface::Contactless
    }

    fn longest_command(&self) -> usize {
        LONGEST_EXTENDED
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let Some(mut messaging) = self.messaging.take() else {
            let (mut answer, status, channel) = self.execute(command);
            answer.extend(status.to_be_bytes());
            self.messaging = channel;
            return Ok(Zeroizing::new(answer));
        };
        let plain = match messaging.open(command) {
            Ok(plain) => plain,
            Err(error) => return Ok(Zeroizing::new(error.status().to_be_bytes().to_vec())),
        };
        let (data, status, channel) = self.execute(&plain);
        let answer = messaging.protect(&data, status);
        self.messaging = Some(channel.unwrap_or(messaging));
        Ok(answer)
    }
}
