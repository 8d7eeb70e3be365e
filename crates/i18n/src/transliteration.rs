//! Bulgarian Cyrillic in Latin letters, by the Transliteration Act (State Gazette 19/2009).

/// The text in Latin letters; `None` where it has a letter of another alphabet, for which the Act
/// has no rule. ASCII, and what is no letter, stays.
///
/// A name that a register has in Latin wins over this: ИВАНОВ may be IVANOFF.
#[must_use]
pub fn transliterate(text: &str) -> Option<String> {
    let known = |c: char| !c.is_alphabetic() || c.is_ascii() || lower(c).and_then(letter).is_some();
    text.chars().all(known).then(|| in_latin(text))
}

/// The same for a person to look at: letters for which the Act has no rule stay too.
#[must_use]
pub fn in_latin(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_alphabetic());
    words.map(word).collect()
}

/// A word, with what stands between it and the next.
fn word(text: &str) -> String {
    let cyrillic = text.trim_end_matches(|c: char| !c.is_alphabetic());
    let between = text.get(cyrillic.len()..).unwrap_or_default();
    // Art. 7: the country's name as custom has it.
    match cyrillic {
        "България" => return format!("Bulgaria{between}"),
        "БЪЛГАРИЯ" => return format!("BULGARIA{between}"),
        _ => {}
    }
    let letters: Vec<char> = cyrillic.chars().collect();
    let shouted = letters.len() > 1 && letters.iter().all(|c| c.is_uppercase());
    // Art. 6: -ия at the end of a word is -ia.
    let ends_in_ia = letters
        .windows(2)
        .last()
        .is_some_and(|end| matches!(end, ['и' | 'И', 'я' | 'Я']));
    let mut latin = String::with_capacity(cyrillic.len());
    for (place, c) in letters.iter().enumerate() {
        let plain = if ends_in_ia && place + 1 == letters.len() {
            "a"
        } else if let Some(plain) = lower(*c).and_then(letter) {
            plain
        } else {
            latin.push(*c);
            continue;
        };
        if c.is_lowercase() {
            latin.push_str(plain);
        } else if shouted {
            latin.push_str(&plain.to_uppercase());
        } else {
            let mut rest = plain.chars();
            latin.extend(rest.next().map(|first| first.to_ascii_uppercase()));
            latin.push_str(rest.as_str());
        }
    }
    latin + between
}

fn lower(c: char) -> Option<char> {
    c.to_lowercase().next()
}

/// Art. 5.
const fn letter(lower: char) -> Option<&'static str> {
    Some(match lower {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' => "i",
        'й' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "h",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "sht",
        'ъ' => "a",
        'ь' => "y",
        'ю' => "yu",
        'я' => "ya",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_names_as_the_act_does() {
        for (cyrillic, latin) in [
            ("Иван Георгиев Петров", "Ivan Georgiev Petrov"),
            ("ЩЕРЕВ", "SHTEREV"),
            ("Щерев", "Shterev"),
            ("Жечка Юлиева-Цветкова", "Zhechka Yulieva-Tsvetkova"),
            ("Синьо Йорданов", "Sinyo Yordanov"),
            ("Кьосев", "Kyosev"),
            ("Ъгълов", "Agalov"),
            ("Джамбазов", "Dzhambazov"),
            ("Хаджийски", "Hadzhiyski"),
            ("Чешмеджиев Шишков", "Cheshmedzhiev Shishkov"),
            ("Мария Илиева", "Maria Ilieva"),
            ("МАРИЯ", "MARIA"),
            ("Илия Виячки", "Ilia Viyachki"),
            ("Яна", "Yana"),
            ("Я. Янева", "Ya. Yaneva"),
            ("България", "Bulgaria"),
            ("Българияна", "Balgariyana"),
            ("ЖЕЛЯЗКОВ", "ZHELYAZKOV"),
            ("Анна-Мария", "Anna-Maria"),
            ("д’Арк", "d’Ark"),
            ("Иван Smith", "Ivan Smith"),
            ("", ""),
        ] {
            assert_eq!(transliterate(cyrillic).as_deref(), Some(latin));
        }
    }

    #[test]
    fn has_no_rule_for_letters_that_are_not_bulgarian() {
        for text in ["Крылов", "Ђоковић", "Эдуард", "Ѝ"] {
            assert_eq!(transliterate(text), None, "{text}");
        }
        assert_eq!(in_latin("Иван Ђоковић"), "Ivan Ђokoviћ");
    }
}
