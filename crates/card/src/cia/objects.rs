//! The objects in the files of ISO/IEC 7816-15, read from DER within bounds.

use der::{
    Decode, Reader, SliceReader, Tag, TagNumber, Tagged,
    asn1::{AnyRef, Utf8StringRef},
};

use super::{Cia, CiaCertificate, CiaKey, CiaKeyKind, CiaPin};
use crate::{CardError, KeyRef};

/// Most objects of one file, and most fields of one object.
const MOST: usize = 64;
/// Longest identifier of an object, ISO/IEC 7816-15 §8.2.1: 255 bytes.
const LONGEST_ID: usize = 255;
/// Longest label that is kept, in characters.
const LONGEST_LABEL: usize = 80;
/// The MF, which an absolute path begins with.
const MASTER_FILE: [u8; 2] = [0x3F, 0x00];
/// Bytes of a path below the MF: one to four file identifiers.
const LONGEST_PATH: usize = 8;
/// What follows the last object fills the file up.
const FILLING: u8 = 0x00;

/// CIOChoice and the tags inside objects.
const PRIVATE_KEYS: Tag = constructed(0);
const CERTIFICATES: Tag = constructed(4);
const AUTHENTICATION_OBJECTS: Tag = constructed(8);
/// PrivateKeyChoice: an elliptic curve key.
const EC_KEY: Tag = constructed(0);
/// Type attributes of any object.
const TYPE_ATTRIBUTES: Tag = constructed(1);
/// Reference of a PIN; label in EF.CIAInfo.
const PRIMITIVE_0: Tag = primitive(0);

const fn constructed(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    }
}

const fn primitive(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: false,
        number: TagNumber(number),
    }
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pins,
    Keys,
    Certificates,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Pins => "EF.AOD",
            Self::Keys => "EF.PrKD",
            Self::Certificates => "EF.CD",
        }
    }
}

/// EF.OD, ISO/IEC 7816-15 §8.3: where the other files are.
#[derive(Debug, PartialEq, Eq)]
pub struct Directory {
    pub files: Vec<(Kind, Vec<u8>)>,
    /// Path of the application, which relative paths begin from.
    pub application: Vec<u8>,
}

impl Directory {
    pub fn parse(bytes: &[u8], path: &[u8]) -> Result<Self, CardError> {
        let what = "EF.OD";
        let malformed = || CardError::malformed(what);
        let length = path.len().saturating_sub(2);
        let application = path.get(..length).unwrap_or_default().to_vec();
        let mut files = Vec::new();
        for entry in elements(bytes).ok_or_else(malformed)? {
            let kind = match entry.tag() {
                PRIVATE_KEYS => Kind::Keys,
                CERTIFICATES => Kind::Certificates,
                AUTHENTICATION_OBJECTS => Kind::Pins,
                _ => continue,
            };
            let inside = elements(entry.value()).ok_or_else(malformed)?;
            // The other choice, the objects themselves in EF.OD, no card is known to use.
            if let Some(reference) = first(&inside, Tag::Sequence) {
                let file = path_in(reference.value(), &application).ok_or_else(malformed)?;
                files.push((kind, file));
            }
        }
        Ok(Self { files, application })
    }
}

impl Cia {
    /// EF.CIAInfo, ISO/IEC 7816-15 §8.10.
    pub fn add_information(&mut self, bytes: &[u8]) -> Result<(), CardError> {
        let read = || {
            let objects = elements(bytes)?;
            let fields = elements(first(&objects, Tag::Sequence)?.value())?;
            let serial = first(&fields, Tag::OctetString)
                .map(|serial| serial.value().to_vec())
                .filter(|serial| serial.len() <= LONGEST_ID);
            let name = first(&fields, PRIMITIVE_0).and_then(|name| text(name.value()));
            Some((serial, name))
        };
        let (serial_number, label) = read().ok_or(CardError::malformed("EF.CIAInfo"))?;
        self.serial_number = serial_number;
        self.label = label;
        Ok(())
    }

    /// The objects of one file. One of a kind that is not known is left out; one that cannot be
    /// read makes the whole file so.
    pub fn add(&mut self, kind: Kind, bytes: &[u8], application: &[u8]) -> Result<(), CardError> {
        let malformed = || CardError::malformed(kind.name());
        for object in elements(bytes).ok_or_else(malformed)? {
            let tag = object.tag();
            if tag != Tag::Sequence && (kind, tag) != (Kind::Keys, EC_KEY) {
                continue;
            }
            let parts = Parts::of(&object).ok_or_else(malformed)?;
            match kind {
                Kind::Pins => self.pins.push(pin(&parts).ok_or_else(malformed)?),
                // A key without a number is one that no command can name.
                Kind::Keys => self.keys.extend(key(&parts, tag).ok_or_else(malformed)?),
                Kind::Certificates => {
                    let one = certificate(&parts, application).ok_or_else(malformed)?;
                    self.certificates.extend(one);
                }
            }
        }
        Ok(())
    }
}

/// The parts that every object has, ISO/IEC 7816-15 §8.2.
struct Parts<'a> {
    label: String,
    /// Id of the PIN that guards it.
    authentication: Option<Vec<u8>>,
    /// Attributes of its class.
    class: Vec<AnyRef<'a>>,
    /// Attributes of its type.
    kind: Vec<AnyRef<'a>>,
}

impl<'a> Parts<'a> {
    fn of(object: &AnyRef<'a>) -> Option<Self> {
        let fields = elements(object.value())?;
        let [common, class, ..] = fields.as_slice() else {
            return None;
        };
        let common = elements(common.value())?;
        let label = first(&common, Tag::Utf8String)
            .and_then(|label| text(label.value()))
            .unwrap_or_default();
        let authentication = first(&common, Tag::OctetString).map(|id| id.value().to_vec());
        let kind = match first(&fields, TYPE_ATTRIBUTES) {
            None => Vec::new(),
            Some(wrapped) => {
                let inside = elements(wrapped.value())?;
                elements(first(&inside, Tag::Sequence)?.value())?
            }
        };
        Some(Self {
            label,
            authentication,
            class: elements(class.value())?,
            kind,
        })
    }

    /// The identifier that the class attributes begin with.
    fn id(&self) -> Option<Vec<u8>> {
        let id = first(&self.class, Tag::OctetString)?.value();
        (id.len() <= LONGEST_ID).then(|| id.to_vec())
    }
}

/// PasswordAttributes, ISO/IEC 7816-15 §8.9.2.
fn pin(parts: &Parts<'_>) -> Option<CiaPin> {
    // Without a reference it is 0, says the standard.
    let reference = match first(&parts.kind, PRIMITIVE_0) {
        Some(reference) => byte(reference.value())?,
        None => 0,
    };
    Some(CiaPin {
        id: parts.id()?,
        label: parts.label.clone(),
        reference,
    })
}

/// CommonKeyAttributes and the attributes of RSA and elliptic curve keys, §8.4.
fn key(parts: &Parts<'_>, tag: Tag) -> Option<Option<CiaKey>> {
    let Some(reference) = first(&parts.class, Tag::Integer) else {
        return Some(None);
    };
    let bits = match first(&parts.kind, Tag::Integer) {
        Some(bits) => Some(number(bits.value())?),
        None => None,
    };
    let kind = match tag {
        EC_KEY => CiaKeyKind::Ec { bits },
        _ => CiaKeyKind::Rsa { bits: bits? },
    };
    Some(Some(CiaKey {
        id: parts.id()?,
        label: parts.label.clone(),
        reference: KeyRef(byte(reference.value())?),
        pin: parts.authentication.clone(),
        kind,
    }))
}

/// X509CertificateAttributes, §8.7.2. One that is not in a file is left out.
fn certificate(parts: &Parts<'_>, application: &[u8]) -> Option<Option<CiaCertificate>> {
    let Some(place) = parts.kind.first().filter(|one| one.tag() == Tag::Sequence) else {
        return Some(None);
    };
    Some(Some(CiaCertificate {
        id: parts.id()?,
        label: parts.label.clone(),
        // CommonCertificateAttributes: of an authority, or of the holder.
        authority: first(&parts.class, Tag::Boolean).is_some_and(|is| is.value() != [0]),
        path: path_in(place.value(), application)?,
    }))
}

/// Path, §8.2.5: from the MF, or from the application.
fn path_in(reference: &[u8], application: &[u8]) -> Option<Vec<u8>> {
    let fields = elements(reference)?;
    let path = first(&fields, Tag::OctetString)?.value();
    let absolute = match path.strip_prefix(&MASTER_FILE) {
        Some(below) => below.to_vec(),
        None => [application, path].concat(),
    };
    let fits = absolute.len() <= LONGEST_PATH && absolute.len() % 2 == 0 && !path.is_empty();
    (fits && !absolute.is_empty()).then_some(absolute)
}

/// The data objects in `bytes`, up to what fills the file up; `None` when they cannot be read or
/// are too many.
fn elements(bytes: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut all = Vec::new();
    while !reader.is_finished() && reader.peek_byte() != Some(FILLING) {
        if all.len() == MOST {
            return None;
        }
        all.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(all)
}

fn first<'r, 'a>(fields: &'r [AnyRef<'a>], tag: Tag) -> Option<&'r AnyRef<'a>> {
    fields.iter().find(|field| field.tag() == tag)
}

/// A label: no control characters, and no longer than a line.
fn text(bytes: &[u8]) -> Option<String> {
    let text = Utf8StringRef::new(bytes).ok()?;
    let shown = text.as_str().chars().filter(|one| !one.is_control());
    Some(shown.take(LONGEST_LABEL).collect())
}

/// A number of one byte. Some cards write one above 7F without the zero in front.
fn byte(integer: &[u8]) -> Option<u8> {
    match integer {
        [byte] | [0, byte] => Some(*byte),
        _ => None,
    }
}

/// A number of up to four bytes that is not negative.
fn number(integer: &[u8]) -> Option<u32> {
    if integer.is_empty() || integer.len() > 4 || integer.first()? & 0x80 != 0 {
        return None;
    }
    Some(
        integer
            .iter()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
    )
}
