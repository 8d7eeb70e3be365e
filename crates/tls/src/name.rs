//! Distinguished names of strangers, made fit to be shown.

use der::Decode;
use x509_cert::name::Name;

/// Most characters of a name that are shown.
const LONGEST: usize = 256;
/// Stands for a character that is not shown.
const REPLACEMENT: char = '\u{FFFD}';

/// The name as RFC 4514 writes it; a name that is not one is shown as its bytes in hexadecimal.
pub fn display(der: &[u8]) -> String {
    match Name::from_der(der) {
        Ok(name) => presentable(&name.to_string()),
        Err(_) => presentable(
            &der.iter()
                .take(LONGEST)
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>(),
        ),
    }
}

/// Without characters that could make it read as something else, and not too long.
pub fn presentable(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if deceives(c) { REPLACEMENT } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, and those that turn the direction of writing or take no room.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_cyrillic_and_replaces_what_turns_the_text_around() {
        assert_eq!(presentable("CN=Иван Петров"), "CN=Иван Петров");
        assert_eq!(presentable("bank\u{202E}gb.live"), "bank\u{FFFD}gb.live");
        assert_eq!(presentable("a\nb"), "a\u{FFFD}b");
    }

    #[test]
    fn cuts_a_name_that_is_too_long() {
        let shown = presentable(&"я".repeat(1000));
        assert_eq!(shown.chars().count(), LONGEST + 1);
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn shows_the_bytes_of_what_is_no_name() {
        assert_eq!(display(&[0x30, 0x03, 0xFF]), "3003ff");
    }
}
