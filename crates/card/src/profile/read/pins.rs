//! `[[pins]]`.

use lichna_apdu::{PinEncoding, PinFormat};

use crate::{
    PinRef,
    profile::{
        Alphabet, LastTryRule, Lines, PacePassword, PinRole, PinRules, ProfileError, ProfileFault,
        section::{Field, Section},
    },
};

pub fn pins(
    root: &Section<'_>,
    passwords: &[PacePassword],
    lines: &mut Lines,
) -> Result<Vec<PinRules>, ProfileError> {
    let mut pins: Vec<PinRules> = Vec::new();
    let mut unblocking: Vec<(usize, Field<'_>)> = Vec::new();
    for (section, position) in root.tables("pins", 16)?.into_iter().zip(0_u8..) {
        let id = section.required("id")?;
        if pins.iter().any(|pin| Ok(pin.id()) == id.string()) {
            return Err(id.invalid(ProfileFault::Twice));
        }
        if let Some(field) = section.optional("unblocked_by") {
            unblocking.push((pins.len(), field));
        }
        if let Some(field) = section.optional("suspended_at")
            && !passwords.contains(&PacePassword::Can)
        {
            return Err(field.invalid(ProfileFault::Contradiction {
                rule: "a suspended PIN needs the CAN, and PACE is not opened with one",
            }));
        }
        let rules = pin(&section, PinRef(position), id.text()?)?;
        if let Some(field) = section.optional("last_try")
            && rules.last_try == LastTryRule::Free
        {
            lines.relaxed.push((field.path().to_owned(), field.line()));
        }
        pins.push(rules);
        section.finish()?;
    }
    // What unblocks a PIN may stand after it in the file.
    for (position, field) in unblocking {
        let other = pin_named(&pins, &field)?;
        let reference = other.position;
        if other.role == PinRole::User {
            return Err(field.invalid(ProfileFault::Contradiction {
                rule: "a user's PIN unblocks nothing",
            }));
        }
        if let Some(pin) = pins.get_mut(position) {
            pin.unblocked_by = Some(reference);
        }
    }
    Ok(pins)
}

fn pin(section: &Section<'_>, position: PinRef, id: String) -> Result<PinRules, ProfileError> {
    let role = section.required("role")?.one_of(&[
        ("user", PinRole::User),
        ("unblocking", PinRole::Unblocking),
        ("administrator", PinRole::Administrator),
    ])?;
    let reference = section.required("reference")?.number(0..=0xFF)?;
    let verify_reference = match section.optional("verify_reference") {
        None => reference,
        Some(field) => field.number(0..=0xFF)?,
    };
    let shortest = section.required("shortest")?.number(1..=127)?;
    let longest = section.required("longest")?.number(shortest..=127)?;
    let padding = match section.optional("padding") {
        None => None,
        Some(field) => Some(field.number(0..=0xFF)?),
    };
    let alphabet = section.required("alphabet")?.one_of(&[
        ("digits", Alphabet::Digits),
        ("printable", Alphabet::Printable),
    ])?;
    if let (Some(byte), Some(field)) = (padding, section.optional("padding"))
        && alphabet.takes(byte)
    {
        return Err(field.invalid(ProfileFault::Contradiction {
            rule: "the padding is a character of the alphabet",
        }));
    }
    let tries = match section.optional("tries") {
        None => None,
        Some(field) => Some(field.number(1..=15)?),
    };
    let suspended_at = match section.optional("suspended_at") {
        None => None,
        Some(field) => Some(field.number(1..=tries.map_or(14, |tries| tries.max(2) - 1))?),
    };
    let last_try = match section.optional("last_try") {
        None => LastTryRule::Guarded,
        Some(field) => field.one_of(&[
            ("guarded", LastTryRule::Guarded),
            ("free", LastTryRule::Free),
        ])?,
    };
    let transport_length = match section.optional("transport_length") {
        None => None,
        Some(field) => {
            let length = field.number(1..=127)?;
            let rule = if role != PinRole::User {
                Some("only a user's PIN has a transport PIN in its place")
            } else if (shortest..=longest).contains(&length) {
                Some("a transport PIN is told from a PIN by its length")
            } else {
                None
            };
            if let Some(rule) = rule {
                return Err(field.invalid(ProfileFault::Contradiction { rule }));
            }
            Some(length)
        }
    };
    Ok(PinRules {
        position,
        id,
        role,
        reference,
        verify_reference,
        format: PinFormat {
            encoding: PinEncoding::Ascii,
            shortest,
            longest,
            padding,
        },
        alphabet,
        tries,
        unblocked_by: None,
        suspended_at,
        last_try,
        transport_length,
    })
}

/// The PIN that a field names by its id.
pub fn pin_named<'p>(
    pins: &'p [PinRules],
    field: &Field<'_>,
) -> Result<&'p PinRules, ProfileError> {
    let name = field.string()?;
    pins.iter().find(|pin| pin.id == name).ok_or_else(|| {
        field.invalid(ProfileFault::NotThere {
            what: "PIN",
            name: name.to_owned(),
        })
    })
}
