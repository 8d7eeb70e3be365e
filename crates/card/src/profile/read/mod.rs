//! From the text of a profile file to a [`Profile`]. The schema stands in
//! `card-profiles/README.md`.

mod files;
mod keys;
mod pace;
mod personalisation;
mod pins;

use toml::de::DeTable;

use self::{
    files::{card_number, chain, cia, genuine},
    keys::{algorithms, certificates, keys},
    pace::pace,
    personalisation::{personalisation, renewal},
    pins::{pin_named, pins},
};
use super::{
    Aid, Dialect, Key, Lines, Pace, Profile, ProfileError, ProfileFault, Recognition,
    section::{Section, Source},
};
use crate::AtrPattern;

/// Longest profile file that is read, in bytes.
const LONGEST_FILE: usize = 64 * 1024;
/// Most entries of any list in a profile.
const MOST: usize = 64;

pub fn profile(name_of_file: &str, text: &str) -> Result<Profile, ProfileError> {
    let source = Source {
        file: name_of_file,
        text,
    };
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
    let complete = match root.optional("complete") {
        Some(field) => field.bool()?,
        None => true,
    };
    let practice = match root.optional("practice") {
        Some(field) => {
            // A card that says it is for practice has made-up PINs and is trusted in sandboxes.
            lines.relaxed.push((field.path().to_owned(), field.line()));
            field.bool()?
        }
        None => false,
    };
    let recognition = recognition(root.required("recognise")?.table()?, complete, &mut lines)?;
    let pace = match root.optional("pace") {
        Some(field) => pace(field.table()?, &mut lines)?,
        None => Pace::absent(),
    };
    let pins = pins(&root, &pace.passwords, &mut lines)?;
    let algorithms = algorithms(&root, dialect)?;
    let keys = keys(&root, dialect, &pins, &algorithms)?;
    let certificates = certificates(&root, dialect, &keys)?;
    let personalisation = match root.optional("personalisation") {
        Some(field) => Some(personalisation(field.table()?, dialect, &pins, &keys)?),
        None => None,
    };
    if personalisation.is_none() && keys.iter().any(Key::generate) {
        return Err(root.invalid("personalisation", ProfileFault::Missing));
    }
    let renewal = match root.optional("renewal") {
        Some(field) => Some(renewal(field.table()?, &keys)?),
        None => None,
    };
    let card_number = card_number(&root, dialect)?;
    let chain = chain(&root, dialect)?;
    let genuine = genuine(&root)?;
    let cia = cia(&root, dialect)?;
    root.finish()?;
    Ok(Profile {
        file: name_of_file.to_owned(),
        name,
        issuer,
        dialect,
        unsigned: true,
        complete,
        practice,
        extended_length,
        recognition,
        pins,
        pace,
        keys,
        certificates,
        personalisation,
        renewal,
        algorithms,
        card_number,
        chain,
        genuine,
        cia,
        lines,
    })
}

fn recognition(
    section: Section<'_>,
    complete: bool,
    lines: &mut Lines,
) -> Result<Recognition, ProfileError> {
    let mut aids: Vec<Aid> = Vec::new();
    let fewest = usize::from(complete);
    for field in section.required("aids")?.list(fewest..=MOST)? {
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
