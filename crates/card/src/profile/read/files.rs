//! `card_number`, `chain`, `[genuine]` and `[cia]`: files, by their path. PIV has objects instead.

use core::ops::RangeInclusive;

use crate::profile::{
    CiaFiles, Dialect, GenuineFiles, ProfileError, ProfileFault,
    section::{Field, Section},
};

/// Bytes of a path: one to four file identifiers.
const PATH: RangeInclusive<usize> = 2..=8;

/// A path from the MF, without the identifier of the MF, ISO/IEC 7816-4 §7.3.1.3.
pub fn path(field: &Field<'_>) -> Result<Vec<u8>, ProfileError> {
    let path = field.bytes(PATH)?;
    if path.len() % 2 == 1 {
        return Err(field.invalid(ProfileFault::Contradiction {
            rule: "a path is made of file identifiers of two bytes",
        }));
    }
    Ok(path)
}

/// Where a card keeps something: a path, or the tag of a data object.
pub fn place(field: &Field<'_>, dialect: Dialect) -> Result<Vec<u8>, ProfileError> {
    match dialect {
        Dialect::Piv => field.bytes(1..=3),
        Dialect::OpenPgp => field.bytes(1..=2),
        Dialect::Iso7816 => path(field),
    }
}

/// Where the number of the card is.
pub fn card_number(root: &Section<'_>, dialect: Dialect) -> Result<Option<Vec<u8>>, ProfileError> {
    let Some(field) = root.optional("card_number") else {
        return Ok(None);
    };
    if dialect == Dialect::OpenPgp {
        return Err(field.invalid(ProfileFault::Contradiction {
            rule: "an OpenPGP card's number is in the name of its application",
        }));
    }
    place(&field, dialect).map(Some)
}

/// The file with the authorities above the card's certificates.
pub fn chain(root: &Section<'_>, dialect: Dialect) -> Result<Option<Vec<u8>>, ProfileError> {
    let Some(field) = root.optional("chain") else {
        return Ok(None);
    };
    only_iso7816(&field, dialect)?;
    path(&field).map(Some)
}

pub fn genuine(root: &Section<'_>) -> Result<Option<GenuineFiles>, ProfileError> {
    let Some(field) = root.optional("genuine") else {
        return Ok(None);
    };
    let section = field.table()?;
    let files = GenuineFiles {
        chip_authentication: path(&section.required("chip_authentication")?)?,
        security_object: path(&section.required("security_object")?)?,
    };
    section.finish()?;
    Ok(Some(files))
}

pub fn cia(root: &Section<'_>, dialect: Dialect) -> Result<Option<CiaFiles>, ProfileError> {
    let Some(field) = root.optional("cia") else {
        return Ok(None);
    };
    only_iso7816(&field, dialect)?;
    let section = field.table()?;
    let files = CiaFiles {
        object_directory: path(&section.required("object_directory")?)?,
        information: match section.optional("information") {
            None => None,
            Some(field) => Some(path(&field)?),
        },
    };
    section.finish()?;
    Ok(Some(files))
}

/// Only the dialect `iso7816` has files.
pub fn only_iso7816(field: &Field<'_>, dialect: Dialect) -> Result<(), ProfileError> {
    if dialect == Dialect::Iso7816 {
        return Ok(());
    }
    Err(field.invalid(ProfileFault::Contradiction {
        rule: "only a card of the dialect iso7816 has it",
    }))
}
