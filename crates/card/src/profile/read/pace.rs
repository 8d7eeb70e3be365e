//! `[pace]`.

use crate::profile::{
    Clear, Lines, Pace, PaceOrder, PacePassword, ProfileError, ProfileFault, section::Section,
};

impl Pace {
    /// Without the table: no PIN travels over the radio.
    pub const fn absent() -> Self {
        Self {
            contact: Clear::Allowed,
            contactless: Clear::Refused,
            passwords: Vec::new(),
            order: PaceOrder::CanFirst,
        }
    }
}

pub fn pace(section: Section<'_>, lines: &mut Lines) -> Result<Pace, ProfileError> {
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
    let mut order = PaceOrder::CanFirst;
    if let Some(field) = section.optional("order") {
        order = field.one_of(&[("can-first", PaceOrder::CanFirst), ("pin", PaceOrder::Pin)])?;
        let first = match order {
            PaceOrder::CanFirst => PacePassword::Can,
            PaceOrder::Pin => PacePassword::Pin,
        };
        if !passwords.contains(&first) {
            return Err(field.invalid(ProfileFault::Contradiction {
                rule: "the first password is not one of those that PACE is opened with",
            }));
        }
    }
    section.finish()?;
    Ok(Pace {
        contact,
        contactless,
        passwords,
        order,
    })
}
