//! `[personalisation]` and `[renewal]`.

use super::{MOST, pin_named};
use crate::{
    AdminAlgorithm, KeyAlgorithm,
    profile::{
        Dialect, Key, Personalisation, PinRole, PinRules, ProfileError, ProfileFault, Renewal,
        section::Section,
    },
};

pub fn personalisation(
    section: Section<'_>,
    dialect: Dialect,
    pins: &[PinRules],
    keys: &[Key],
) -> Result<Personalisation, ProfileError> {
    #[derive(Clone, Copy, PartialEq)]
    enum Way {
        ManagementKey,
        Pin,
        Challenge,
    }
    let field = section.required("administrator")?;
    let way = field.one_of(&[
        ("management-key", Way::ManagementKey),
        ("pin", Way::Pin),
        ("challenge", Way::Challenge),
    ])?;
    let personalisation = match (way, dialect) {
        (Way::ManagementKey, Dialect::Piv) => Personalisation::ManagementKey {
            reference: section.required("reference")?.number(0..=0xFF)?,
            algorithms: section
                .required("algorithms")?
                .some_of(&AdminAlgorithm::NAMED)?,
        },
        (Way::Pin, Dialect::OpenPgp) => {
            let field = section.required("pin")?;
            let pin = pin_named(pins, &field)?;
            if pin.role != PinRole::Administrator {
                return Err(field.invalid(ProfileFault::Contradiction {
                    rule: "it must be an administrator's PIN",
                }));
            }
            Personalisation::Pin(pin.position)
        }
        (Way::Challenge, Dialect::Iso7816) => Personalisation::Challenge {
            reference: section.required("reference")?.number(0..=0xFF)?,
            length: section.required("challenge_length")?.number(8..=64)?,
            key_types: key_types(&section, keys)?,
        },
        _ => {
            return Err(field.invalid(ProfileFault::Contradiction {
                rule: "PIV has a management key, OpenPGP an administrator's PIN, ISO 7816 a challenge",
            }));
        }
    };
    section.finish()?;
    Ok(personalisation)
}

/// `[[personalisation.key_types]]`: the number of each kind of key that the card generates.
fn key_types(section: &Section<'_>, keys: &[Key]) -> Result<Vec<(KeyAlgorithm, u8)>, ProfileError> {
    let mut types: Vec<(KeyAlgorithm, u8)> = Vec::new();
    for entry in section.tables("key_types", MOST)? {
        let field = entry.required("algorithm")?;
        let algorithm = field.one_of(&KeyAlgorithm::NAMED)?;
        if types.iter().any(|(known, _)| *known == algorithm) {
            return Err(field.invalid(ProfileFault::Twice));
        }
        types.push((algorithm, entry.required("type")?.number(0..=0xFF)?));
        entry.finish()?;
    }
    let generated = keys.iter().filter(|key| key.generate);
    let missing = generated
        .flat_map(Key::algorithms)
        .find(|algorithm| !types.iter().any(|(known, _)| known == *algorithm));
    match missing {
        None => Ok(types),
        Some(algorithm) => Err(section.invalid(
            "key_types",
            ProfileFault::NotThere {
                what: "type of key",
                name: algorithm.to_string(),
            },
        )),
    }
}

pub fn renewal(section: Section<'_>, keys: &[Key]) -> Result<Renewal, ProfileError> {
    #[derive(Clone, Copy)]
    enum Way {
        Overwrite,
        SameKey,
        Spare,
    }
    let field = section.required("method")?;
    let way = field.one_of(&[
        ("overwrite", Way::Overwrite),
        ("same-key", Way::SameKey),
        ("spare", Way::Spare),
    ])?;
    let renewal = match way {
        Way::Overwrite => Renewal::Overwrite,
        Way::SameKey => Renewal::SameKey,
        Way::Spare => {
            if keys.iter().all(|key| key.spare.is_none()) {
                return Err(field.invalid(ProfileFault::Contradiction {
                    rule: "no key has a spare",
                }));
            }
            Renewal::Spare
        }
    };
    section.finish()?;
    Ok(renewal)
}
