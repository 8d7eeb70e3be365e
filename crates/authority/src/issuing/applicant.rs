//! What is applied for, checked: Req 14.1.3.

use argon2::{Argon2, PasswordHasher};
use lichna_i18n::transliterate;
use lichna_pki::{Names, PersonalNumber};
use serde_json::json;
use zeroize::Zeroizing;

use super::messages::{Applicant, Submission, Warning};
use crate::{
    Problem,
    problem::{Code, internal},
    registers::{self, NumberKind, Person},
    vault::Vault,
};

/// Characters of a password for the telephone.
const PASSWORD: std::ops::RangeInclusive<usize> = 6..=64;
/// Characters of an e-mail address, RFC 5321 §4.5.3.1.3.
const LONGEST_EMAIL: usize = 254;
/// Characters of a carrier's number.
const LONGEST_CARRIER: usize = 64;
/// Bytes of the salt of a password's hash.
const SALT: usize = 16;

/// Data of an application that were checked.
pub struct Checked {
    /// The person, without a password.
    person: Person,
    password: Option<Zeroizing<String>>,
    /// Number of the carrier.
    pub carrier: String,
    /// Keyed hash of everything that was applied for.
    pub content: String,
    /// Whether the applicant stood before the officer.
    pub appeared: bool,
    /// What is unusual.
    pub warnings: Vec<Warning>,
}

impl Checked {
    /// Checks what was applied for.
    ///
    /// # Errors
    /// A problem that names the field at fault, without its value.
    pub fn new(submission: Submission, vault: &Vault) -> Result<Self, Problem> {
        let mut warnings = Vec::new();
        let applicant = &submission.person;
        let number = match applicant.kind {
            NumberKind::Egn => PersonalNumber::egn(&applicant.number),
            NumberKind::Lnch => PersonalNumber::lnch(&applicant.number),
        };
        let number = number.map_err(|fault| invalid("person.number", fault))?;
        if !number.checksum_fits() {
            warnings.push(Warning::NumberChecksum);
        }
        let cyrillic = names(Names::cyrillic, &applicant.cyrillic)
            .map_err(|fault| invalid("person.cyrillic", fault))?;
        let latin = names(Names::latin, &applicant.latin)
            .map_err(|fault| invalid("person.latin", fault))?;
        if cyrillic.middle().is_some() != latin.middle().is_some() {
            return Err(invalid("person.latin", "the names are not as many"));
        }
        if !as_the_law_has_it(&cyrillic, &latin) {
            warnings.push(Warning::LatinNamesDiffer);
        }
        if applicant
            .email
            .as_deref()
            .is_some_and(|email| !is_email(email))
        {
            return Err(invalid("person.email", "it is no e-mail address"));
        }
        let carrier = &submission.card;
        if carrier.is_empty()
            || carrier.len() > LONGEST_CARRIER
            || !carrier.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(invalid("card", "it is no number of a carrier"));
        }
        let password = submission.telephone_password.as_deref();
        if password.is_some_and(|password| !PASSWORD.contains(&password.chars().count())) {
            return Err(invalid("telephone_password", "it has 6 to 64 characters"));
        }
        let content = content(&submission, vault);
        let Submission {
            person,
            card,
            telephone_password,
            appeared,
        } = submission;
        Ok(Self {
            person: person.into_person(),
            password: telephone_password.map(Zeroizing::new),
            carrier: card,
            content,
            appeared,
            warnings,
        })
    }

    /// The person, as he is entered in the register: the password is hashed, which takes a while.
    ///
    /// # Errors
    /// There are no random numbers.
    pub async fn into_person(self) -> Result<Person, Problem> {
        let mut person = self.person;
        if let Some(password) = self.password {
            let hash = tokio::task::spawn_blocking(move || hash(&password));
            person.telephone_password = Some(hash.await.map_err(internal)??);
        }
        Ok(person)
    }
}

impl Applicant {
    fn into_person(self) -> Person {
        let Self {
            kind,
            number,
            cyrillic,
            latin,
            email,
        } = self;
        Person {
            kind,
            number,
            cyrillic,
            latin,
            email,
            telephone_password: None,
        }
    }
}

/// Names as certificates have them.
///
/// # Errors
/// Which of them is wrong.
pub fn names<E>(
    make: impl Fn(&str, Option<&str>, &str) -> Result<Names, E>,
    names: &registers::Names,
) -> Result<Names, E> {
    make(&names.first, names.middle.as_deref(), &names.last)
}

/// Whether the Latin names are the Cyrillic ones as the Transliteration Act writes them.
fn as_the_law_has_it(cyrillic: &Names, latin: &Names) -> bool {
    let pairs = [
        (Some(cyrillic.first()), Some(latin.first())),
        (cyrillic.middle(), latin.middle()),
        (Some(cyrillic.last()), Some(latin.last())),
    ];
    pairs
        .into_iter()
        .all(|(cyrillic, latin)| cyrillic.and_then(transliterate).as_deref() == latin)
}

/// Keyed, for personal numbers are few enough to be tried. Whether the applicant has appeared is
/// not in it: that changes.
fn content(submission: &Submission, vault: &Vault) -> String {
    let Submission {
        person,
        card,
        telephone_password,
        appeared: _,
    } = submission;
    let text = Zeroizing::new(json!([person, card, telephone_password]).to_string());
    hex::encode(vault.index("application", &text))
}

fn hash(password: &str) -> Result<String, Problem> {
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt).map_err(internal)?;
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(internal)
}

fn is_email(text: &str) -> bool {
    let fits = |c: char| !c.is_control() && !c.is_whitespace();
    text.len() <= LONGEST_EMAIL
        && text.chars().all(fits)
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !domain.starts_with('.')
        })
}

fn invalid(field: &str, fault: impl std::fmt::Display) -> Problem {
    Problem::new(Code::InvalidValue).detail(format!("{field}: {fault}"))
}
