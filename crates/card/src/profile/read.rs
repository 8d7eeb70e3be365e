//! From the text of a profile file to a [`Profile`]. The schema stands in
//! `card-profiles/README.md`.

use lichna_apdu::{PinEncoding, PinFormat};
use toml::de::DeTable;

use super::{
    Aid, Alphabet, Certificate, Clear, Compression, Dialect, Key, KeyRef, KeyRole, LastTryRule,
    Lines, Pace, PacePassword, Personalisation, PinRole, PinRules, Profile, ProfileError,
    ProfileFault, Recognition, Renewal,
    section::{Field, Section, Source},
};
use crate::{AdminAlgorithm, AtrPattern, KeyAlgorithm, PinRef, SignatureScheme};

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
    let pins = pins(&root, &mut lines)?;
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

fn pins(root: &Section<'_>, lines: &mut Lines) -> Result<Vec<PinRules>, ProfileError> {
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
    })
}

fn keys(root: &Section<'_>, dialect: Dialect, pins: &[PinRules]) -> Result<Vec<Key>, ProfileError> {
    let mut keys: Vec<Key> = Vec::new();
    for section in root.tables("keys", MOST)? {
        let reference = section.required("reference")?;
        let range = match dialect {
            Dialect::Piv => 0x82..=0x9E,
            Dialect::OpenPgp => 0x01..=0x03,
        };
        let number = KeyRef(reference.number(range)?);
        if keys.iter().any(|key| key.reference == number) {
            return Err(reference.invalid(ProfileFault::Twice));
        }
        let role = section.required("role")?.one_of(&[
            ("authentication", KeyRole::Authentication),
            ("signature", KeyRole::Signature),
            ("card-authentication", KeyRole::CardAuthentication),
            ("decryption", KeyRole::Decryption),
        ])?;
        let field = section.required("algorithms")?;
        let algorithms = field.some_of(&KeyAlgorithm::NAMED)?;
        if algorithms.is_empty() {
            return Err(field.invalid(ProfileFault::Missing));
        }
        let schemes = match section.optional("schemes") {
            None => Vec::new(),
            Some(field) => schemes(&field, dialect, role, &algorithms)?,
        };
        let pin = match section.optional("pin") {
            None => None,
            Some(field) => {
                let pin = pin_named(pins, &field)?;
                if pin.role != PinRole::User {
                    return Err(field.invalid(ProfileFault::Contradiction {
                        rule: "a key is opened by a user's PIN",
                    }));
                }
                Some(pin.position)
            }
        };
        if pin.is_none() && role == KeyRole::Authentication {
            return Err(section.invalid("pin", ProfileFault::Missing));
        }
        let generate = match section.optional("generate") {
            None => false,
            Some(field) => field.bool()?,
        };
        section.finish()?;
        keys.push(Key {
            reference: number,
            role,
            algorithms,
            schemes,
            pin,
            generate,
        });
    }
    Ok(keys)
}

fn schemes(
    field: &Field<'_>,
    dialect: Dialect,
    role: KeyRole,
    algorithms: &[KeyAlgorithm],
) -> Result<Vec<SignatureScheme>, ProfileError> {
    let schemes = field.some_of(&SignatureScheme::NAMED)?;
    let rule = |rule| Err(field.invalid(ProfileFault::Contradiction { rule }));
    if !schemes.is_empty() && role != KeyRole::Authentication {
        return rule("only an authentication key signs TLS handshakes");
    }
    if schemes
        .iter()
        .any(|scheme| !algorithms.iter().any(|algorithm| scheme.fits(*algorithm)))
    {
        return rule("none of the key's algorithms can sign one of the schemes");
    }
    let pss = crate::algorithm::Padding::Pss;
    if dialect == Dialect::OpenPgp && schemes.iter().any(|scheme| scheme.padding() == pss) {
        return rule("an OpenPGP card pads with PKCS #1 v1.5 itself, so it cannot sign PSS");
    }
    Ok(schemes)
}

fn certificates(
    root: &Section<'_>,
    dialect: Dialect,
    keys: &[Key],
) -> Result<Vec<Certificate>, ProfileError> {
    let mut certificates: Vec<Certificate> = Vec::new();
    for section in root.tables("certificates", MOST)? {
        let key = section.required("key")?;
        let number = key_named(keys, &key)?;
        if certificates.iter().any(|other| other.key == number) {
            return Err(key.invalid(ProfileFault::Twice));
        }
        let lengths = match dialect {
            Dialect::Piv => 1..=3,
            Dialect::OpenPgp => 1..=2,
        };
        let object = section.required("object")?.bytes(lengths.clone())?;
        let occurrence = match section.optional("occurrence") {
            None => 0,
            Some(field) => {
                let occurrence = field.number(0..=15)?;
                if occurrence > 0 && dialect == Dialect::Piv {
                    return Err(field.invalid(ProfileFault::Contradiction {
                        rule: "a PIV card has each object once",
                    }));
                }
                occurrence
            }
        };
        let compression = match section.optional("compression") {
            None => Compression::None,
            Some(field) => {
                let compression = field
                    .one_of(&[("none", Compression::None), ("marked", Compression::Marked)])?;
                if compression == Compression::Marked && dialect != Dialect::Piv {
                    return Err(field.invalid(ProfileFault::Contradiction {
                        rule: "only PIV marks how a certificate is packed",
                    }));
                }
                compression
            }
        };
        let change_counter = match section.optional("change_counter") {
            None => None,
            Some(field) => Some(field.bytes(lengths)?),
        };
        section.finish()?;
        certificates.push(Certificate {
            key: number,
            object,
            occurrence,
            compression,
            change_counter,
        });
    }
    Ok(certificates)
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

fn pin_named<'p>(pins: &'p [PinRules], field: &Field<'_>) -> Result<&'p PinRules, ProfileError> {
    let name = field.string()?;
    pins.iter().find(|pin| pin.id == name).ok_or_else(|| {
        field.invalid(ProfileFault::NotThere {
            what: "PIN",
            name: name.to_owned(),
        })
    })
}

fn key_named(keys: &[Key], field: &Field<'_>) -> Result<KeyRef, ProfileError> {
    let reference = KeyRef(field.number(0..=0xFF)?);
    if keys.iter().any(|key| key.reference == reference) {
        return Ok(reference);
    }
    Err(field.invalid(ProfileFault::NotThere {
        what: "key",
        name: reference.to_string(),
    }))
}
