//! SELECT, READ BINARY, UPDATE BINARY: ISO/IEC 7816-4 §11.2 and §11.3 (2020).

use std::borrow::Cow;

use lichna_apdu::{Instruction, ReceivedCommand, tlv};

use super::Inserted;
use super::reply::{Done, Reply, Word};
use crate::cia;
use crate::state::{LONGEST_CERTIFICATE, SlotName};

/// An elementary file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileId {
    CardAccess,
    AtrInfo,
    Dir,
    Gdo,
    Dg14,
    Sod,
    Cia(cia::File),
    Certificate(SlotName),
    Chain,
}

/// What a SELECT leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Selected {
    MasterFile,
    Cia,
    File(FileId),
}

impl FileId {
    /// A file of the MF by its id.
    fn in_master_file(id: u16) -> Option<Self> {
        MASTER_FILE
            .iter()
            .find(|(_, of_file, _)| *of_file == id)
            .map(|(file, _, _)| *file)
    }

    /// A file of the MF by its short id.
    fn by_short_id(short: u8) -> Option<Self> {
        MASTER_FILE
            .iter()
            .find(|(_, _, of_file)| *of_file == short)
            .map(|(file, _, _)| *file)
    }

    /// A file of DF.CIA by its id.
    fn in_cia(id: u16) -> Option<Self> {
        cia::File::by_id(id)
            .map(Self::Cia)
            .or_else(|| SlotName::by_file(id).map(Self::Certificate))
            .or_else(|| (id == cia::CHAIN).then_some(Self::Chain))
    }

    fn id(self) -> u16 {
        match self {
            Self::Cia(file) => file.id(),
            Self::Certificate(slot) => slot.file(),
            Self::Chain => cia::CHAIN,
            _ => MASTER_FILE
                .iter()
                .find(|(file, _, _)| *file == self)
                .map_or(0, |(_, id, _)| *id),
        }
    }

    /// Tells nothing of this card: may be read before a channel, over the radio.
    const fn is_public(self) -> bool {
        matches!(self, Self::CardAccess | Self::AtrInfo)
    }
}

impl Inserted {
    /// What may come over the radio before a channel stands.
    pub(super) fn may_come_before_channel(&self, command: &ReceivedCommand<'_>) -> bool {
        const SELECT: u8 = Instruction::Select.byte();
        const READ: u8 = Instruction::ReadBinary.byte();
        const MSE: u8 = Instruction::ManageSecurityEnvironment.byte();
        const AUTHENTICATE: u8 = Instruction::GeneralAuthenticate.byte();
        match command.header() {
            [0x00, SELECT, ..] => match self.find(command) {
                Ok(Selected::MasterFile) => true,
                Ok(Selected::File(file)) => file.is_public(),
                _ => false,
            },
            [0x00, READ, ..] => {
                matches!(self.addressed(command), Ok((file, _)) if file.is_public())
            }
            [0x00, MSE, 0xC1, 0xA4] => true,
            [0x00 | 0x10, AUTHENTICATE, ..] => self.session.authentication.is_some(),
            _ => false,
        }
    }

    pub(super) fn select(&mut self, command: &ReceivedCommand<'_>) -> Done {
        let selected = self.find(command)?;
        match selected {
            Selected::MasterFile => self.session.in_cia = false,
            Selected::Cia => self.session.in_cia = true,
            Selected::File(file) => {
                self.session.in_cia = matches!(
                    file,
                    FileId::Cia(_) | FileId::Certificate(_) | FileId::Chain
                );
            }
        }
        self.session.current_file = match selected {
            Selected::File(file) => Some(file),
            Selected::MasterFile | Selected::Cia => None,
        };
        let tag = match command.p2 {
            0x00 => 0x6F,
            0x04 => 0x62,
            _ => return Ok(Reply::success()),
        };
        if command.expected.is_none() {
            return Ok(Reply::success());
        }
        Ok(Reply::data(tlv::encode(
            tag,
            &self.control_information(selected),
        )))
    }

    /// Where a SELECT leads, which is not gone yet.
    fn find(&self, command: &ReceivedCommand<'_>) -> Result<Selected, Word> {
        if !matches!(command.p2, 0x00 | 0x04 | 0x0C) {
            return Err(Word::WRONG_PARAMETERS);
        }
        match command.p1 {
            0x00 => self.find_by_id(command.data),
            0x04 if DF_NAMES.contains(&command.data) => Ok(Selected::Cia),
            0x04 => Err(Word::FILE_NOT_FOUND),
            0x08 => find_by_path(command.data),
            _ => Err(Word::WRONG_PARAMETERS),
        }
    }

    fn find_by_id(&self, id: &[u8]) -> Result<Selected, Word> {
        let id = match id {
            [] => MF,
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => return Err(Word::WRONG_LENGTH),
        };
        let in_cia = || FileId::in_cia(id).filter(|_| self.session.in_cia);
        match id {
            MF => Ok(Selected::MasterFile),
            DF_CIA => Ok(Selected::Cia),
            _ => in_cia()
                .or_else(|| FileId::in_master_file(id))
                .map(Selected::File)
                .ok_or(Word::FILE_NOT_FOUND),
        }
    }

    /// File control parameters, ISO/IEC 7816-4 §7.4.3.
    fn control_information(&self, selected: Selected) -> Vec<u8> {
        const FOLDER: &[u8] = &[0x38];
        const TRANSPARENT: &[u8] = &[0x01];
        match selected {
            Selected::MasterFile => [
                tlv::encode(0x82, FOLDER),
                tlv::encode(0x83, &MF.to_be_bytes()),
            ]
            .concat(),
            Selected::Cia => {
                let [name, _] = DF_NAMES;
                [
                    tlv::encode(0x82, FOLDER),
                    tlv::encode(0x83, &DF_CIA.to_be_bytes()),
                    tlv::encode(0x84, name),
                ]
                .concat()
            }
            Selected::File(file) => {
                // Two bytes say at most 65535; a full certificate file has one byte more.
                let size = u16::try_from(self.contents(file).len()).unwrap_or(u16::MAX);
                [
                    tlv::encode(0x80, &size.to_be_bytes()),
                    tlv::encode(0x82, TRANSPARENT),
                    tlv::encode(0x83, &file.id().to_be_bytes()),
                ]
                .concat()
            }
        }
    }

    fn contents(&self, file: FileId) -> Cow<'_, [u8]> {
        let state = &self.card.state;
        match file {
            FileId::CardAccess => Cow::Borrowed(&state.contactless.card_access),
            FileId::Dg14 => Cow::Borrowed(&state.contactless.dg14),
            FileId::Sod => Cow::Borrowed(&state.contactless.sod),
            FileId::Certificate(slot) => Cow::Borrowed(&state.slot(slot).certificate),
            FileId::Chain => Cow::Borrowed(&state.chain),
            FileId::AtrInfo => Cow::Borrowed(ATR_INFO),
            FileId::Dir => {
                let [name, _] = DF_NAMES;
                Cow::Owned(cia::directory(name, &PATH_OF_CIA))
            }
            FileId::Gdo => Cow::Owned(tlv::encode(0x5A, state.number.as_bytes())),
            FileId::Cia(file) => Cow::Owned(file.contents(state)),
        }
    }

    pub(super) fn read_binary(&mut self, command: &ReceivedCommand<'_>) -> Done {
        let (file, offset) = self.addressed(command)?;
        self.session.current_file = Some(file);
        let length = command.expected.ok_or(Word::WRONG_LENGTH)?;
        let contents = self.contents(file);
        Ok(Reply::data(piece(&contents, offset, length)?.to_vec()))
    }

    pub(super) fn read_binary_odd(&mut self, command: &ReceivedCommand<'_>) -> Done {
        let file = self.addressed_odd(command)?;
        self.session.current_file = Some(file);
        let (offset, rest) = offset_object(command.data)?;
        if !rest.is_empty() {
            return Err(Word::INCORRECT_DATA);
        }
        let longest = command.expected.ok_or(Word::WRONG_LENGTH)?;
        let contents = self.contents(file);
        // Tag and length stand before the data, and Le counts them.
        let data = piece(&contents, offset, longest)?;
        let mut object = tlv::encode(0x53, data);
        if let Some(over) = object.len().checked_sub(longest).filter(|over| *over > 0) {
            let fewer = data.len().saturating_sub(over);
            object = tlv::encode(0x53, data.get(..fewer).unwrap_or_default());
        }
        Ok(Reply::data(object))
    }

    pub(super) fn update_binary(&mut self, command: &ReceivedCommand<'_>) -> Done {
        let (file, offset) = self.addressed(command)?;
        self.session.current_file = Some(file);
        self.update(file, offset, command.data)
    }

    pub(super) fn update_binary_odd(&mut self, command: &ReceivedCommand<'_>) -> Done {
        let file = self.addressed_odd(command)?;
        self.session.current_file = Some(file);
        let (offset, rest) = offset_object(command.data)?;
        let (tag, data, rest) = tlv::split_first(rest).map_err(|_| Word::INCORRECT_DATA)?;
        if tag != 0x53 || !rest.is_empty() {
            return Err(Word::INCORRECT_DATA);
        }
        self.update(file, offset, data)
    }

    /// Writes into a file of certificates, which grows as far as it must.
    fn update(&mut self, file: FileId, offset: usize, data: &[u8]) -> Done {
        let slot = match file {
            FileId::Certificate(slot) => Some(slot),
            FileId::Chain => None,
            _ => return Err(Word::SECURITY_STATUS_NOT_SATISFIED),
        };
        if !self.session.administrator {
            return Err(Word::SECURITY_STATUS_NOT_SATISFIED);
        }
        // What logs in today stays until its successor works.
        if slot.is_some_and(|slot| self.card.state.is_current(slot)) {
            return Err(Word::CONDITIONS_NOT_SATISFIED);
        }
        if offset > self.contents(file).len() {
            return Err(Word::OFFSET_OUTSIDE);
        }
        let end = offset + data.len();
        if end > LONGEST_CERTIFICATE {
            return Err(Word::NOT_ENOUGH_MEMORY);
        }
        self.write(|state| {
            let file = match slot {
                Some(slot) => &mut state.slot_mut(slot).certificate,
                None => &mut state.chain,
            };
            let behind = file.get(end..).unwrap_or_default().to_vec();
            file.truncate(offset);
            file.extend_from_slice(data);
            file.extend(behind);
        })?;
        Ok(Reply::success())
    }

    /// The file with this id, or the current one without an id.
    pub(super) fn file_or_current(&self, id: &[u8]) -> Result<FileId, Word> {
        if id.is_empty() {
            return self.session.current_file.ok_or(Word::NO_CURRENT_FILE);
        }
        match self.find_by_id(id)? {
            Selected::File(file) => Ok(file),
            Selected::MasterFile | Selected::Cia => Err(Word::FILE_NOT_FOUND),
        }
    }

    /// The file and offset that P1 and P2 name, even INS.
    fn addressed(&self, command: &ReceivedCommand<'_>) -> Result<(FileId, usize), Word> {
        if command.p1 & 0x80 == 0 {
            let file = self.session.current_file.ok_or(Word::NO_CURRENT_FILE)?;
            let offset = u16::from_be_bytes([command.p1, command.p2]);
            return Ok((file, offset.into()));
        }
        if command.p1 & 0x60 != 0 {
            return Err(Word::WRONG_PARAMETERS);
        }
        let file = FileId::by_short_id(command.p1 & 0x1F).ok_or(Word::FILE_NOT_FOUND)?;
        Ok((file, command.p2.into()))
    }

    /// The file that P1 and P2 name, odd INS: the current one, by short id, or by id.
    fn addressed_odd(&self, command: &ReceivedCommand<'_>) -> Result<FileId, Word> {
        match (command.p1, command.p2) {
            (0, 0) => self.session.current_file.ok_or(Word::NO_CURRENT_FILE),
            (0, short) if short <= 0x1E => FileId::by_short_id(short).ok_or(Word::FILE_NOT_FOUND),
            (high, low) => self.file_or_current(&[high, low]),
        }
    }
}

/// From the MF, which may stand first itself.
fn find_by_path(path: &[u8]) -> Result<Selected, Word> {
    let (ids, []) = path.as_chunks::<2>() else {
        return Err(Word::WRONG_LENGTH);
    };
    let ids: Vec<u16> = ids.iter().map(|id| u16::from_be_bytes(*id)).collect();
    let from_mf = match ids.as_slice() {
        [MF, rest @ ..] => rest,
        all => all,
    };
    match from_mf {
        [] if ids.is_empty() => Err(Word::WRONG_LENGTH),
        [] => Ok(Selected::MasterFile),
        [DF_CIA] => Ok(Selected::Cia),
        [DF_CIA, id] => FileId::in_cia(*id)
            .map(Selected::File)
            .ok_or(Word::FILE_NOT_FOUND),
        [id] => FileId::in_master_file(*id)
            .map(Selected::File)
            .ok_or(Word::FILE_NOT_FOUND),
        _ => Err(Word::FILE_NOT_FOUND),
    }
}

/// As much of `contents` as there is from `offset` on, `length` bytes at most.
fn piece(contents: &[u8], offset: usize, length: usize) -> Result<&[u8], Word> {
    let rest = contents.get(offset..).ok_or(Word::OFFSET_OUTSIDE)?;
    Ok(rest.get(..length).unwrap_or(rest))
}

/// The offset data object at the start, and what follows it.
fn offset_object(data: &[u8]) -> Result<(usize, &[u8]), Word> {
    let (tag, value, rest) = tlv::split_first(data).map_err(|_| Word::INCORRECT_DATA)?;
    if tag != 0x54 || value.is_empty() || value.len() > 3 {
        return Err(Word::INCORRECT_DATA);
    }
    let offset = value
        .iter()
        .fold(0_usize, |offset, byte| offset << 8 | usize::from(*byte));
    Ok((offset, rest))
}

const MF: u16 = 0x3F00;
const DF_CIA: u16 = 0x5015;
const PATH_OF_CIA: [u8; 4] = [0x3F, 0x00, 0x50, 0x15];
/// Application identifiers of DF.CIA: PKCS #15, and our own.
const DF_NAMES: [&[u8]; 2] = [
    &[
        0xA0, 0, 0, 0, 0x63, b'P', b'K', b'C', b'S', b'-', b'1', b'5',
    ],
    &[0xF0, b'L', b'I', b'C', b'H', b'N', b'A', 0x01],
];
/// The files of the MF: id and short id.
const MASTER_FILE: &[(FileId, u16, u8)] = &[
    (FileId::CardAccess, 0x011C, 0x1C),
    (FileId::AtrInfo, 0x2F01, 0x01),
    (FileId::Dir, 0x2F00, 0x1E),
    (FileId::Gdo, 0x2F02, 0x02),
    (FileId::Dg14, 0x010E, 0x0E),
    (FileId::Sod, 0x011D, 0x1D),
];
/// Card capabilities `47`: selection by AID, path and id; short ids, chaining, extended length.
/// Then `7F66`: the longest command and answer, ISO/IEC 7816-4 §12.7.1.
const ATR_INFO: &[u8] = &[
    0x47, 0x03, 0xB4, 0x01, 0xC0, //
    0x7F, 0x66, 0x08, 0x02, 0x02, 0xFF, 0xFF, 0x02, 0x02, 0xFF, 0xFF,
];
