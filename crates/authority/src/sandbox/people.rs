//! People who do not exist: whom a practice card may be for.

use lichna_i18n::in_latin;
use sha2::{Digest, Sha256};

use crate::{
    issuing::Applicant,
    registers::{Names, NumberKind},
};

/// Names: men's and women's in turn.
const NAMES: [[&str; 3]; 6] = [
    ["Петър", "Пробов", "Примеров"],
    ["Мария", "Примерова", "Учебна"],
    ["Георги", "Учебен", "Пробов"],
    ["Елена", "Пробова", "Примерова"],
    ["Иван", "Примеров", "Учебен"],
    ["Рада", "Учебна", "Пробова"],
];
/// Weights of the digits of an EGN, Наредба № РД-02-20-9 of 2012.
const WEIGHTS: [u32; 9] = [2, 4, 8, 5, 10, 9, 7, 3, 6];

/// Whom the card of this number is for: always the same, with a personal number whose check digit is
/// right.
pub(super) fn of(card: &str) -> Applicant {
    let digest: [u8; 32] = Sha256::digest(card.as_bytes()).into();
    let [a, b, c, d, ..] = digest;
    person(u32::from_be_bytes([a, b, c, d]))
}

fn person(chance: u32) -> Applicant {
    // A man's ninth digit is even; the names take turns as well.
    let order = chance % 1000;
    let (year, month, day) = (60 + chance % 40, 1 + chance % 12, 1 + chance % 28);
    let digits = format!("{year:02}{month:02}{day:02}{order:03}");
    let sum: u32 = digits
        .chars()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit.to_digit(10).unwrap_or_default() * weight)
        .sum();
    let at = usize::try_from(chance).unwrap_or_default() % NAMES.len();
    let [first, middle, last] = NAMES.get(at).copied().unwrap_or_default();
    let names = |form: fn(&str) -> String| Names {
        first: form(first),
        middle: Some(form(middle)),
        last: form(last),
    };
    Applicant {
        kind: NumberKind::Egn,
        number: format!("{digits}{}", sum % 11 % 10),
        cyrillic: names(str::to_owned),
        latin: names(in_latin),
        email: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_made_up_has_a_number_that_fits_and_names_of_one_kind() {
        for chance in (0..10_000).chain([u32::MAX]) {
            let person = person(chance);
            let number = lichna_pki::PersonalNumber::egn(&person.number).unwrap();
            assert!(number.checksum_fits(), "{chance}");
            let woman = person.number.as_bytes()[8] % 2 == 1;
            assert_eq!(person.cyrillic.first.ends_with(['а', 'я']), woman);
        }
    }
}
