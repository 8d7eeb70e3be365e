//! Requirement ids: what `docs/requirements.md` says is there names a test that is there, and an id
//! that the code names is one of the table's.

use std::process::Command;

use anyhow::bail;

use crate::command;
use crate::sources::read;

const TABLE: &str = "docs/requirements.md";
/// In the column of tests: honest, and checked by nobody.
const NOT_YET: &str = "not yet";
/// In comments of the code: `Req 20.1`, `Req C.1, C.2`.
const MARK: &str = "Req ";

/// A row: an id, or several, and the tests that would fail without it, `path::function`.
#[derive(Debug, PartialEq)]
struct Row {
    line: usize,
    ids: Vec<String>,
    tests: Vec<String>,
    not_yet: bool,
}

/// Checks the table against the tree, and the tree against the table.
///
/// # Errors
/// All rows whose tests are not there, and all ids in the code that no row has.
pub fn check() -> anyhow::Result<()> {
    let root = command::root();
    let rows = rows(&read(&root.join(TABLE))?);
    if rows.is_empty() {
        bail!("{TABLE} has no row");
    }
    let mut faults = Vec::new();
    for row in &rows {
        let place = format!("{TABLE}:{}: {}", row.line, row.ids.join(", "));
        if row.tests.is_empty() != row.not_yet {
            faults.push(format!(
                "{place}: names a test or says \"{NOT_YET}\", one of both"
            ));
        }
        for test in &row.tests {
            let Some((path, function)) = test.split_once("::") else {
                faults.push(format!("{place}: {test} is not of the form path::function"));
                continue;
            };
            if !read(&root.join(path)).is_ok_and(|text| has_test(&text, function)) {
                faults.push(format!("{place}: there is no test {test}"));
            }
        }
    }
    let known: Vec<&String> = rows.iter().flat_map(|row| &row.ids).collect();
    let marks = command::output(
        Command::new("git")
            .args([
                "grep",
                "--untracked",
                "-nF",
                MARK,
                "--",
                "*.rs",
                "*.toml",
                ":!crates/xtask",
            ])
            .current_dir(&root),
    );
    for line in marks.unwrap_or_default().lines() {
        let Some((place, ids)) = line.split_once(MARK) else {
            continue;
        };
        let ids = ids_of(ids);
        let ids = ids.iter().flat_map(|id| id.split('–'));
        let unknown = ids.filter(|id| !known.iter().any(|row| covers(row, id)));
        faults.extend(unknown.map(|id| format!("{place}{MARK}{id}: {TABLE} has no such row")));
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    let tests: usize = rows.iter().map(|row| row.tests.len()).sum();
    eprintln!("{} rows name {tests} tests, and all are there", rows.len());
    Ok(())
}

/// The rows of all tables in the text: id first, tests last.
fn rows(text: &str) -> Vec<Row> {
    let lines = (1..).zip(text.lines());
    let rows = lines.filter_map(|(line, row)| Some((line, row.strip_prefix("| ")?)));
    rows.filter_map(|(line, row)| {
        let cells: Vec<&str> = row.trim_end().trim_end_matches('|').split(" | ").collect();
        let (ids, tests) = (ids_of(cells.first()?), cells.last()?);
        Some(Row {
            line,
            tests: tests
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect(),
            not_yet: tests.contains(NOT_YET),
            ids,
        })
        .filter(|row| !row.ids.is_empty())
    })
    .collect()
}

/// `C.1, 20.1` and whatever follows.
fn ids_of(text: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for word in text.split_whitespace() {
        let id = word.trim_end_matches([',', '.', ':', ';', ')']);
        if !is_id(id) {
            break;
        }
        ids.push(id.to_owned());
        if !word.ends_with(',') {
            break;
        }
    }
    ids
}

/// A letter or a number, and more numbers behind points; or a range of such.
fn is_id(text: &str) -> bool {
    let (chapter, rest) = text.split_once('.').unwrap_or((text, "0"));
    let numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit() || ".–".contains(c));
    !chapter.is_empty() && (numbers(chapter) || matches!(chapter, "C" | "P")) && numbers(rest)
}

/// Whether the id of a row, `15.1` or `15.1–15.3`, has this one in it.
fn covers(row: &str, id: &str) -> bool {
    let numbers =
        |id: &str| -> Option<Vec<u32>> { id.split('.').map(|n| n.parse().ok()).collect() };
    let Some((first, last)) = row.split_once('–') else {
        return row == id;
    };
    let (Some(first), Some(last), Some(id)) = (numbers(first), numbers(last), numbers(id)) else {
        return false;
    };
    first <= id && id.iter().take(last.len()).le(&last)
}

/// A function of that name with an attribute of tests shortly before it.
fn has_test(text: &str, function: &str) -> bool {
    let head = format!("fn {function}(");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    // A macro makes a test of it for each database.
    let listed = text.contains("on_both!")
        && lines
            .iter()
            .any(|line| line.strip_suffix(';') == Some(function));
    let mut heads = (0..lines.len())
        .filter(|number| lines.get(*number).is_some_and(|line| line.contains(&head)));
    let marked = heads.any(|number| {
        let before = lines
            .get(number.saturating_sub(6)..number)
            .unwrap_or_default();
        let near = before
            .iter()
            .rev()
            .take_while(|line| !line.contains("fn ") && **line != "}");
        near.into_iter()
            .any(|line| line.starts_with("#[") && line.contains("test"))
    });
    listed || marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_and_skips_heads() {
        let text = "| id | what | tests |\n|---|---|---|\n\
            | C.1, C.2 | a | `a.rs::b`, `c.rs::d` |\n| 14.1.1–14.1.10 | e | not yet |\n";
        let row = |line, ids: &[&str], tests: &[&str]| Row {
            line,
            ids: ids.iter().map(ToString::to_string).collect(),
            tests: tests.iter().map(ToString::to_string).collect(),
            not_yet: tests.is_empty(),
        };
        assert_eq!(
            rows(text),
            [
                row(3, &["C.1", "C.2"], &["a.rs::b", "c.rs::d"]),
                row(4, &["14.1.1–14.1.10"], &[]),
            ]
        );
    }

    #[test]
    fn takes_ids_from_a_mark_and_nothing_else() {
        assert_eq!(ids_of("C.1, 20.1: the key of the card"), ["C.1", "20.1"]);
        assert_eq!(ids_of("27.3.3"), ["27.3.3"]);
        assert_eq!(ids_of("20.1: 1.2 and later"), ["20.1"]);
        assert_eq!(ids_of("SP 800-73"), Vec::<String>::new());
    }

    #[test]
    fn a_range_covers_what_is_between() {
        assert!(covers("14.1.1–14.1.10", "14.1.5") && covers("36–40", "37.4"));
        assert!(!covers("14.1.1–14.1.10", "14.1.11") && !covers("36–40", "41"));
        assert!(covers("C.1", "C.1") && !covers("C.1", "C.2") && !covers("C.1", "20.1"));
    }

    #[test]
    fn tells_a_test_from_a_function() {
        let text =
            "#[test]\nfn one() {\n}\n\nfn two() {\n}\n/// Doc\n#[tokio::test]\nasync fn three() {}";
        assert!(has_test(text, "one") && has_test(text, "three"));
        assert!(!has_test(text, "two") && !has_test(text, "on"));
    }
}
