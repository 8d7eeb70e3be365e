//! `/proc/<pid>/stat`, proc(5).

/// What is needed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Field 2, `comm`.
    pub name: String,
    /// Field 4, `ppid`.
    pub parent: u32,
    /// Field 6, `session`.
    pub session: u32,
    /// Field 7, `tty_nr`; 0 without a terminal.
    pub terminal: u64,
    /// Field 22, `starttime`.
    pub start_time: u64,
}

impl Stat {
    /// Reads a line. The name may hold anything, also blanks and brackets: it ends at the last
    /// closing one.
    pub fn parse(line: &str) -> Option<Self> {
        let (_, after) = line.split_once(" (")?;
        let (name, fields) = after.rsplit_once(") ")?;
        // The first of these is field 3.
        let mut fields = fields.split_ascii_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let session = fields.nth(1)?.parse().ok()?;
        let terminal = fields.next()?.parse::<i64>().ok()?.unsigned_abs();
        let start_time = fields.nth(14)?.parse().ok()?;
        Some(Self {
            name: name.to_owned(),
            parent,
            session,
            terminal,
            start_time,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_name_made_to_mislead() {
        let line = "1234 (a) S 1 (x) R 77 78 79 34816 80 4194304 0 0 0 0 1 2 3 4 20 0 1 0 9876 5 6";
        let stat = Stat::parse(line).unwrap();
        assert_eq!(stat.name, "a) S 1 (x");
        assert_eq!((stat.parent, stat.session), (77, 79));
        assert_eq!((stat.terminal, stat.start_time), (34816, 9876));
    }

    #[test]
    fn refuses_a_line_that_is_cut() {
        assert_eq!(Stat::parse("1 (init) S 0 1 1 0 -1"), None);
        assert_eq!(Stat::parse(""), None);
    }
}
