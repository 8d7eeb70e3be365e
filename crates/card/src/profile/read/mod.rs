//! From the text of a profile file to a [`Profile`]. The schema stands in
//! `card-profiles/README.md`.

mod keys;
mod pins;

use toml::de::DeTable;

use self::{
    keys::{certificates, key_named, keys},
    pins::{pin_named, pins},
};
use super::{
    Aid, Clear, Dialect, Key, Lines, Pace, PacePassword, Personalisation, PinRole, PinRules,
    Profile, ProfileError, ProfileFault, Recognition, Renewal,
    section::{Section, Source},
};
use crate::{AdminAlgorithm, AtrPattern};

/// Longest profile file that is read, in bytes.
const LONGEST_FILE: usize = 64 * 1024;
/// Most entries of any list in a profile.
const MOST: usize = 64;

pub fn profile(file: &str, text: &str) -> Result<Profile, ProfileError> {
    let source = Source { file, text };
    if text.len() > LONGEST_FILE {
        return Err(source.invalid(
            0,
            "file",
            ProfileFault::TooLong {
                length: text.len(),
                longest: LONGEST_FILE,
            },
        ));
    }
    let table = DeTable::parse(text).map_err(|error| {
        source.invalid(
            error.span().map_or(0, |span| span.start),
            "file",
            ProfileFault::Syntax {
                message: error.message().to_owned(),
            },
        )
    })?;
    let root = Section::root(&source, table.get_ref());
    // The only schema so far; a later one gets a number of its own.
    root.required("schema")?.number(1..=1)?;
    let name = root.required("name")?.text()?;
    let issuer = root.required("issuer")?.text()?;
    let dialect = root.required("dialect")?.one_of(&Dialect::NAMED)?;
    let extended_length = root.required("extended_length")?.bool()?;
    let mut lines = Lines::default();
    let recognition = recognition(root.required("recognise")?.table()?, &mut lines)?;
    let pace = match root.optional("pace") {
        Some(field) => pace(field.table()?, &mut lines)?,
        None => Pace {
            contact: Clear::Allowed,
            contactless: Clear::Refused,
            passwords: Vec::new(),
        },
    };
    let pins = pins(&root, &pace.passwords, &mut lines)?;
    let keys = keys(&root, dialect, &pins)?;
    let certificates = certificates(&root, dialect, &keys)?;
    let personalisation = match root.optional("personalisation") {
        Some(field) => Some(personalisation(field.table()?, dialect, &pins)?),
        None => None,
    };
    if personalisation.is_none() && keys.iter().any(Key::generate) {
        return Err(root.invalid("personalisation", ProfileFault::Missing));
    }
    let renewal = match root.optional("renewal") {
        Some(field) => Some(renewal(field.table()?, &keys)?),
        None => None,
    };
    root.finish()?;
    Ok(Profile {
        file: file.to_owned(),
        name,
        issuer,
        dialect,
        unsigned: true,
        extended_length,
        recognition,
        pins,
        pace,
        keys,
        certificates,
        personalisation,
        renewal,
        lines,
    })
}

fn recognition(section: Section<'_>, lines: &mut Lines) -> Result<Recognition, ProfileError> {
    let mut aids: Vec<Aid> = Vec::new();
    for field in section.required("aids")?.list(1..=MOST)? {
        let aid = Aid(field.bytes(Aid::SHORTEST..=Aid::LONGEST)?);
        if aids.iter().any(|other| other.overlaps(&aid)) {
            return Err(field.invalid(ProfileFault::Twice));
        }
        aids.push(aid);
        lines.aids.push(field.line());
    }
    let mut atrs = Vec::new();
    for atr in section.tables("atrs", MOST)? {
        let name = atr.required("name")?.text()?;
        let field = atr.required("pattern")?;
        lines.atrs.push(field.line());
        let pattern = field.bytes(2..=33)?;
        let mask = match atr.optional("mask") {
            None => vec![0xFF; pattern.len()],
            Some(field) => field.bytes(pattern.len()..=pattern.len())?,
        };
        atr.finish()?;
        atrs.push(AtrPattern {
            name,
            pattern,
            mask,
        });
    }
    let mut only_these_atrs = false;
    if let Some(field) = section.optional("only_these_atrs") {
        only_these_atrs = field.bool()?;
        if only_these_atrs && atrs.is_empty() {
            return Err(field.invalid(ProfileFault::Contradiction {
                rule: "without an ATR no card would be recognised",
            }));
        }
    }
    section.finish()?;
    Ok(Recognition {
        aids,
        atrs,
        only_these_atrs,
    })
}

fn pace(section: Section<'_>, lines: &mut Lines) -> Result<Pace, ProfileError> {
    const CLEAR: [(&str, Clear); 3] = [
        ("allowed", Clear::Allowed),
        ("refused", Clear::Refused),
        ("needs-pace", Clear::NeedsPace),
    ];
    let contact = section.required("contact")?.one_of(&CLEAR)?;
    let field = section.required("contactless")?;
    let contactless = field.one_of(&CLEAR)?;
    if contactless == Clear::Allowed {
        lines.relaxed.push((field.path().to_owned(), field.line()));
    }
    let passwords = match section.optional("passwords") {
        None => Vec::new(),
        Some(field) => field.some_of(&[
            ("can", PacePassword::Can),
            ("pin", PacePassword::Pin),
            ("puk", PacePassword::Puk),
        ])?,
    };
    if passwords.is_empty() && [contact, contactless].contains(&Clear::NeedsPace) {
        return Err(section.invalid("passwords", ProfileFault::Missing));
    }
    section.finish()?;
    Ok(Pace {
        contact,
        contactless,
        passwords,
    })
}

fn personalisation(
    section: Section<'_>,
    dialect: Dialect,
    pins: &[PinRules],
) -> Result<Personalisation, ProfileError> {
    #[derive(Clone, Copy, PartialEq)]
    enum Way {
        ManagementKey,
        Pin,
    }
    let field = section.required("administrator")?;
    let way = field.one_of(&[("management-key", Way::ManagementKey), ("pin", Way::Pin)])?;
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
        _ => {
            return Err(field.invalid(ProfileFault::Contradiction {
                rule: "PIV has a management key, OpenPGP an administrator's PIN",
            }));
        }
    };
    section.finish()?;
    Ok(personalisation)
}

fn renewal(section: Section<'_>, keys: &[Key]) -> Result<Renewal, ProfileError> {
    #[derive(Clone, Copy)]
    enum Way {
        Overwrite,
        SameKey,
        Spare,
    }
    let way = section.required("method")?.one_of(&[
        ("overwrite", Way::Overwrite),
        ("same-key", Way::SameKey),
        ("spare", Way::Spare),
    ])?;
    let renewal = match way {
        Way::Overwrite => Renewal::Overwrite,
        Way::SameKey => Renewal::SameKey,
        Way::Spare => Renewal::Spare(key_named(keys, &section.required("spare")?)?),
    };
    section.finish()?;
    Ok(renewal)
}
