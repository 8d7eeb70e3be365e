//! The objects in the CIA files, ISO/IEC 7816-15 §8 and annex A.

use core::ops::Range;

use der::asn1::{BitString, Null, ObjectIdentifier, OctetString, UintRef};
use der::{Any, Encode, Result, Tag, TagNumber};

use super::{CHAIN, File};
use crate::state::{KeyType, PrivateKey, PublicKey, RoleName, SlotName, State};

/// CardInfo, EF.CIAInfo.
pub fn info(state: &State) -> Result<Vec<u8>> {
    let algorithms = [
        (ECDSA_REFERENCE, CKM_ECDSA, ID_EC_PUBLIC_KEY),
        (PKCS1_REFERENCE, CKM_RSA_PKCS, RSA_ENCRYPTION),
        (PSS_REFERENCE, CKM_RSA_PKCS_PSS, RSASSA_PSS),
    ];
    let algorithms = algorithms
        .into_iter()
        .map(|(reference, mechanism, oid)| {
            sequence(&[
                reference.to_der()?,
                mechanism.to_der()?,
                Null.to_der()?,
                // computeSignature
                bits(&[1])?,
                oid.to_der()?,
                reference.to_der()?,
            ])
        })
        .collect::<Result<Vec<_>>>()?;
    sequence(&[
        // Version 1 of the standard.
        0_u32.to_der()?,
        OctetString::new(state.number.as_bytes())?.to_der()?,
        "Lichna".to_der()?,
        context(0, false, LABEL.as_bytes())?,
        // prnGeneration
        bits(&[2])?,
        context(2, true, &algorithms.concat())?,
    ])
}

/// EF.OD: where the other files are.
pub fn objects() -> Result<Vec<u8>> {
    let files = [
        (0, File::PrivateKeys),
        (1, File::PublicKeys),
        (4, File::Certificates),
        (8, File::Authentication),
    ];
    let entries = files
        .into_iter()
        .map(|(choice, file)| context(choice, true, &path(Some(file.id()), None)?))
        .collect::<Result<Vec<_>>>()?;
    Ok(entries.concat())
}

/// EF.AOD: the PIN, and the PUK that unblocks it.
pub fn authentication() -> Result<Vec<u8>> {
    // initialized; the PUK is an unblockingPin besides.
    let pin = password("PIN", PIN_ID, Some(PUK_ID), &[4], 6, 0x03)?;
    let puk = password("PUK", PUK_ID, None, &[4, 6], 8, 0x04)?;
    Ok([pin, puk].concat())
}

fn password(
    label: &str,
    id: u8,
    unblocked_by: Option<u8>,
    flags: &[u8],
    digits: u32,
    reference: u8,
) -> Result<Vec<u8>> {
    let mut common = vec![label.to_der()?, bits(&[0, 1])?];
    if let Some(id) = unblocked_by {
        common.push(octets(&[id])?);
    }
    let attributes = sequence(&[
        bits(flags)?,
        // ascii-numeric
        Any::new(Tag::Enumerated, [1])?.to_der()?,
        digits.to_der()?,
        digits.to_der()?,
        digits.to_der()?,
        context(0, false, &[reference])?,
    ])?;
    object(Tag::Sequence, &common, &[octets(&[id])?], &attributes)
}

/// EF.PrKD: the keys in use.
pub fn private_keys(state: &State) -> Result<Vec<u8>> {
    let entries = state.listed().map(|(name, _, key)| {
        // private
        let mut common = vec![label(name).to_der()?, bits(&[0])?, octets(&[PIN_ID])?];
        if name.role == RoleName::Signing {
            // The PIN is wanted before each signature.
            common.push(1_u32.to_der()?);
        }
        let class = [
            octets(&[name.key_reference()])?,
            usage(name)?,
            // sensitive, alwaysSensitive, neverExtractable, cardGenerated
            bits(&[0, 2, 3, 4])?,
            u32::from(name.key_reference()).to_der()?,
        ];
        let attributes = sequence(&[path(None, None)?, size(key.key_type()).to_der()?])?;
        object(kind(key), &common, &class, &attributes)
    });
    Ok(entries.collect::<Result<Vec<_>>>()?.concat())
}

/// EF.PuKD: the public halves of the keys in use, in it.
pub fn public_keys(state: &State) -> Result<Vec<u8>> {
    let entries = state.listed().map(|(name, _, key)| {
        let common = [label(name).to_der()?];
        let class = [
            octets(&[name.key_reference()])?,
            // verify
            bits(&[6])?,
            u32::from(name.key_reference()).to_der()?,
        ];
        let value = context(0, true, &raw_public_key(key)?)?;
        let attributes = match key {
            PrivateKey::Rsa(_) => sequence(&[value, size(key.key_type()).to_der()?])?,
            PrivateKey::P256(_) | PrivateKey::P384(_) => sequence(&[value])?,
        };
        object(kind(key), &common, &class, &attributes)
    });
    Ok(entries.collect::<Result<Vec<_>>>()?.concat())
}

/// RSAPublicKey, or ECPoint.
fn raw_public_key(key: &PrivateKey) -> Result<Vec<u8>> {
    let number = |bytes: &[u8]| UintRef::new(bytes)?.to_der();
    match key.public_key() {
        PublicKey::Point(point) => octets(&point),
        PublicKey::Rsa { modulus, exponent } => sequence(&[number(&modulus)?, number(&exponent)?]),
    }
}

/// EF.CD: the certificates in use, and those of the authorities above them.
pub fn certificates(state: &State) -> Result<Vec<u8>> {
    let entries = state.listed().map(|(name, slot, _)| {
        let common = [label(name).to_der()?];
        let class = [octets(&[name.key_reference()])?];
        let place = path(Some(name.file()), Some(0..slot.certificate_length()))?;
        object(Tag::Sequence, &common, &class, &sequence(&[place])?)
    });
    let authorities = state.authorities().zip(AUTHORITY_ID..).map(|(place, id)| {
        let common = ["Authority".to_der()?];
        // CommonCertificateAttributes: iD, authority.
        let class = [octets(&[id])?, true.to_der()?];
        let place = path(Some(CHAIN), Some(place))?;
        object(Tag::Sequence, &common, &class, &sequence(&[place])?)
    });
    let all = entries.chain(authorities).collect::<Result<Vec<_>>>()?;
    Ok(all.concat())
}

/// An application template for EF.DIR, ISO/IEC 7816-4 §12.2.2.
pub fn directory(name: &[u8], path: &[u8]) -> Vec<u8> {
    use lichna_apdu::tlv::encode;
    let template = [
        encode(0x4F, name),
        encode(0x50, LABEL.as_bytes()),
        encode(0x51, path),
    ];
    encode(0x61, &template.concat())
}

/// CIO: common attributes, those of the class, those of the type.
fn object(tag: Tag, common: &[Vec<u8>], class: &[Vec<u8>], of_type: &[u8]) -> Result<Vec<u8>> {
    let parts = [
        sequence(common)?,
        sequence(class)?,
        context(1, true, of_type)?,
    ];
    Any::new(tag, parts.concat())?.to_der()
}

/// PrivateKeyChoice and PublicKeyChoice: RSA is a plain sequence, EC is `[0]`.
const fn kind(key: &PrivateKey) -> Tag {
    match key {
        PrivateKey::Rsa(_) => Tag::Sequence,
        PrivateKey::P256(_) | PrivateKey::P384(_) => Tag::ContextSpecific {
            constructed: true,
            number: TagNumber(0),
        },
    }
}

/// Bits of the modulus, or of the field.
const fn size(key_type: KeyType) -> u32 {
    match key_type {
        KeyType::P256 => 256,
        KeyType::P384 => 384,
        KeyType::Rsa2048 => 2048,
        KeyType::Rsa3072 => 3072,
    }
}

const fn label(name: SlotName) -> &'static str {
    match name.role {
        RoleName::Identification => "Identification",
        RoleName::Signing => "Signing",
    }
}

/// KeyUsageFlags, §8.2.9: sign; nonRepudiation besides.
fn usage(name: SlotName) -> Result<Vec<u8>> {
    match name.role {
        RoleName::Identification => bits(&[2]),
        RoleName::Signing => bits(&[2, 9]),
    }
}

/// Path, §8.2.5: DF.CIA, a file in it, or these bytes of the file.
fn path(file: Option<u16>, bytes: Option<Range<usize>>) -> Result<Vec<u8>> {
    let file = file.map(u16::to_be_bytes);
    let path = [DF_CIA, file.as_ref().map_or(&[], |id| id.as_slice())].concat();
    let mut parts = vec![octets(&path)?];
    if let Some(bytes) = bytes {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_der();
        let length = number(bytes.len())?;
        // [0] IMPLICIT INTEGER: the same value under another tag.
        let value = length.get(2..).unwrap_or_default();
        parts.extend([number(bytes.start)?, context(0, false, value)?]);
    }
    sequence(&parts)
}

fn octets(bytes: &[u8]) -> Result<Vec<u8>> {
    OctetString::new(bytes)?.to_der()
}

/// A named bit list: DER leaves zeros at the end out.
fn bits(set: &[u8]) -> Result<Vec<u8>> {
    let last = set.iter().copied().max().unwrap_or(0);
    let mut bytes = vec![0_u8; usize::from(last / 8) + 1];
    for bit in set {
        if let Some(byte) = bytes.get_mut(usize::from(bit / 8)) {
            *byte |= 0x80 >> (bit % 8);
        }
    }
    BitString::new(7 - last % 8, bytes)?.to_der()
}

fn sequence(parts: &[Vec<u8>]) -> Result<Vec<u8>> {
    Any::new(Tag::Sequence, parts.concat())?.to_der()
}

fn context(number: u32, constructed: bool, content: &[u8]) -> Result<Vec<u8>> {
    let tag = Tag::ContextSpecific {
        constructed,
        number: TagNumber(number),
    };
    Any::new(tag, content)?.to_der()
}

/// What a person reads of the card.
const LABEL: &str = "Lichna practice card";
/// From the MF.
const DF_CIA: &[u8] = &[0x3F, 0x00, 0x50, 0x15];
/// Ids of the authentication objects.
const PIN_ID: u8 = 1;
const PUK_ID: u8 = 2;
/// Ids of the authorities' certificates, from here on: none is a key's.
const AUTHORITY_ID: u8 = 0xC1;
/// Algorithm references of the card, PKCS #11 mechanisms, object identifiers.
const ECDSA_REFERENCE: u32 = 1;
const PKCS1_REFERENCE: u32 = 2;
const PSS_REFERENCE: u32 = 3;
const CKM_RSA_PKCS: u32 = 0x01;
const CKM_RSA_PKCS_PSS: u32 = 0x0D;
const CKM_ECDSA: u32 = 0x1041;
const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
