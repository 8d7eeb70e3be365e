//! What `docs/json.md` says, beside what commands print.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::BTreeSet;
use std::fs;

use lichna_tests::built;
use lichna_tests::workspace::Output;
use serde_json::{Value, json};

/// The first JSON of a section of `docs/json.md`, and the others.
pub fn documented(section: &str) -> Vec<Value> {
    let page = fs::read_to_string(built::root().join("docs/json.md")).unwrap();
    let heading = format!("\n## {section}\n");
    let (_, after) = page
        .split_once(&heading)
        .unwrap_or_else(|| panic!("no section {section}"));
    let text = after.split("\n## ").next().unwrap();
    let blocks = text.split("```json\n").skip(1);
    blocks
        .map(|block| {
            let json = block.split("```").next().unwrap();
            serde_json::from_str(json).unwrap_or_else(|error| panic!("{section}: {error}"))
        })
        .collect()
}

/// The same fields with values of the same kinds, all the way down. What is documented as `null`,
/// or is `null`, may be anything; lists are compared by their first values.
pub fn assert_shape(documented: &Value, printed: &Value, place: &str) {
    match (documented, printed) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(documented), Value::Object(printed)) => {
            let names = |object: &serde_json::Map<String, Value>| {
                object.keys().cloned().collect::<BTreeSet<_>>()
            };
            assert_eq!(names(documented), names(printed), "fields of {place}");
            for (name, value) in documented {
                assert_shape(value, &printed[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(documented), Value::Array(printed)) => {
            if let (Some(documented), Some(printed)) = (documented.first(), printed.first()) {
                assert_shape(documented, printed, &format!("{place}[0]"));
            }
        }
        (documented, printed) => assert_eq!(
            std::mem::discriminant(documented),
            std::mem::discriminant(printed),
            "{place}: {documented} and {printed}"
        ),
    }
}

/// The command printed what a section of the document shows, in one line.
pub fn assert_documented(section: &str, which: usize, output: &Output) -> Value {
    let printed = output.json();
    assert_shape(&documented(section)[which], &printed, section);
    assert_eq!(output.stdout.lines().count(), 1, "{}", output.stdout);
    printed
}

/// The code of the failure that a command printed.
pub fn code_of(output: &Output) -> String {
    let value: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    value["error"]["code"].as_str().unwrap().to_owned()
}

/// The command fails with this code of its own and this exit code, for people and for programs.
pub fn assert_fails(output: &Output, code: &str, exit: i32) {
    assert_eq!((code_of(output).as_str(), output.code()), (code, exit));
    let error: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(error["error"]["exit_code"], json!(exit));
}
