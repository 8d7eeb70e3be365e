//! Text from cards, servers and other programs, made safe to show.

/// The text without anything that a terminal obeys or that turns the reading direction round: so
/// nobody can write over what stands beside it. Line breaks become blanks.
#[must_use]
pub fn plain(text: &str) -> String {
    let shown = text.chars().map(|c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if commands(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    });
    shown.take(LONGEST).collect()
}

/// As [`plain`], but with lines, and as long as it is: for a server's answer.
#[must_use]
pub fn plain_lines(text: &str) -> String {
    let shown = text.chars().filter(|c| *c != '\r').map(|c| match c {
        '\n' | '\t' => c,
        c if commands(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    });
    shown.collect()
}

/// Longest text in one place.
const LONGEST: usize = 400;

fn commands(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00AD}'
                | '\u{061C}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_to_pass_on_what_a_terminal_obeys() {
        let evil = "CN=bank\u{1b}[2K\rCN=\u{202e}knab\nИван";
        assert_eq!(plain(evil), "CN=bank\u{fffd}[2K CN=\u{fffd}knab Иван");
        assert_eq!(plain_lines("a\r\nb\u{9b}1m"), "a\nb\u{fffd}1m");
        assert_eq!(plain(&"x".repeat(1000)).len(), LONGEST);
    }
}
