//! The message files, as they were when this was compiled.

use crate::Language;

macro_rules! files {
    ($language:literal: $($name:literal),*) => {
        &[$((
            $name,
            include_str!(concat!("../messages/", $language, "/", $name, ".ftl")),
        )),*]
    };
}

/// The files of a language: name and Fluent text.
#[must_use]
pub const fn sources(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::Bulgarian => {
            files!("bg": "app", "errors", "cli", "desktop", "help", "prompt", "words")
        }
        Language::English => {
            files!("en": "app", "errors", "cli", "desktop", "help", "prompt", "words")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

    use super::*;

    type Shapes = BTreeMap<String, BTreeSet<String>>;

    /// Every message with the arguments that it uses.
    fn shapes(language: Language) -> Shapes {
        let mut shapes = Shapes::new();
        for (file, text) in sources(language) {
            let resource = fluent_syntax::parser::parse(*text)
                .unwrap_or_else(|(_, faults)| panic!("{language:?} {file}.ftl: {faults:?}"));
            for entry in resource.body {
                let Entry::Message(message) = entry else {
                    continue;
                };
                let mut arguments = BTreeSet::new();
                pattern(
                    &message.value.expect("a message has a text"),
                    &mut arguments,
                );
                let id = message.id.name.to_owned();
                let before = shapes.insert(id, arguments);
                assert!(before.is_none(), "{} is there twice", message.id.name);
            }
        }
        shapes
    }

    fn pattern(pattern: &Pattern<&str>, into: &mut BTreeSet<String>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                collect(expression, into);
            }
        }
    }

    fn collect(expression: &Expression<&str>, into: &mut BTreeSet<String>) {
        match expression {
            Expression::Inline(one) => inline(one, into),
            Expression::Select { selector, variants } => {
                inline(selector, into);
                for variant in variants {
                    pattern(&variant.value, into);
                }
            }
        }
    }

    fn inline(one: &InlineExpression<&str>, into: &mut BTreeSet<String>) {
        match one {
            InlineExpression::VariableReference { id } => {
                into.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => collect(expression, into),
            _ => {}
        }
    }

    #[test]
    fn both_languages_say_the_same_with_the_same_arguments() {
        let (bulgarian, english) = (shapes(Language::Bulgarian), shapes(Language::English));
        let only = |one: &Shapes, other: &Shapes| -> Vec<String> {
            let missing = one.keys().filter(|id| !other.contains_key(*id));
            missing.cloned().collect()
        };
        assert_eq!(only(&english, &bulgarian), [""; 0], "not in Bulgarian");
        assert_eq!(only(&bulgarian, &english), [""; 0], "not in English");
        for (id, arguments) in &english {
            assert_eq!(&bulgarian[id], arguments, "arguments of {id}");
        }
    }

    #[test]
    fn whatever_happened_has_advice_and_the_other_way_round() {
        let all = shapes(Language::English);
        for id in all.keys() {
            for (one, other) in [("err-", "rec-"), ("rec-", "err-")] {
                if let Some(code) = id.strip_prefix(one) {
                    assert!(all.contains_key(&format!("{other}{code}")), "{other}{code}");
                }
            }
        }
    }
}
