//! A card in memory: the chip's side of PACE and of Chip Authentication, and its files.

use getrandom::SysRng;
use lichna_apdu::{Channel, ChannelError, Interface, LONGEST_EXTENDED, ReceivedCommand};
use lichna_pace::chip::{ChipAuthentication, Messaging, Session};
use lichna_pace::{PaceInfo, PrivateKey};
use zeroize::Zeroizing;

pub const CAN: &[u8] = b"123456";

pub struct Card {
    info: PaceInfo,
    /// Used in Chip Authentication; not the one of the files on a copy.
    pub key: PrivateKey,
    pub refuses_chip_authentication: bool,
    pace: Option<Session>,
    chip: Option<ChipAuthentication>,
    messaging: Option<Messaging>,
}

impl Card {
    pub fn new(info: PaceInfo, key: PrivateKey) -> Self {
        Self {
            info,
            key,
            refuses_chip_authentication: false,
            pace: None,
            chip: None,
            messaging: None,
        }
    }

    /// Data, status, and the channel that stands once the answer is out.
    fn execute(&mut self, plain: &[u8]) -> (Vec<u8>, u16, Option<Messaging>) {
        let command = ReceivedCommand::parse(plain).unwrap();
        let at = (command.instruction, command.p1, command.p2);
        match at {
            (0x22, 0xC1, 0xA4) => {
                self.pace = Some(Session::begin(&self.info, CAN));
                (Vec::new(), 0x9000, None)
            }
            (0x22, 0x41, 0xA4) if self.refuses_chip_authentication => (Vec::new(), 0x6A80, None),
            (0x22, 0x41, 0xA4) => {
                match ChipAuthentication::select(command.data, self.info.cipher()) {
                    Ok(chip) => {
                        self.chip = Some(chip);
                        (Vec::new(), 0x9000, None)
                    }
                    Err(error) => (Vec::new(), error.status(), None),
                }
            }
            (0x86, ..) => match (self.chip.take(), &mut self.pace) {
                (Some(chip), _) => match chip.agree(&self.key, command.data) {
                    Ok((messaging, data)) => (data, 0x9000, Some(messaging)),
                    Err(error) => (Vec::new(), error.status(), None),
                },
                (None, Some(pace)) => match pace.general_authenticate(command.data, &mut SysRng) {
                    Ok(answer) => (answer.data, 0x9000, answer.channel),
                    Err(error) => (Vec::new(), error.status(), None),
                },
                (None, None) => (Vec::new(), 0x6985, None),
            },
            (0xB0, 0x9C, 0) => (vec![0x31], 0x9000, None),
            _ => (Vec::new(), 0x6D00, None),
        }
    }
}

impl Channel for Card {
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
