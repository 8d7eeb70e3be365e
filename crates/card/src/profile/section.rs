//! One table of a profile file, read field by field: every fault knows its line and its field.

use core::{cell::RefCell, ops::Range};

use toml::de::{DeTable, DeValue};

use super::{ProfileError, ProfileFault};

/// A file that is being read.
pub struct Source<'t> {
    pub file: &'t str,
    pub text: &'t str,
}

impl Source<'_> {
    /// Line, from 1, of the byte at `offset`.
    pub fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub fn invalid(&self, offset: usize, field: &str, fault: ProfileFault) -> ProfileError {
        ProfileError::ProfileInvalid {
            file: self.file.to_owned(),
            line: self.line(offset),
            field: field.to_owned(),
            fault,
        }
    }
}

/// A table; fields that nobody asked for are found at the end.
pub struct Section<'t> {
    source: &'t Source<'t>,
    path: String,
    /// Where the table begins.
    offset: usize,
    table: &'t DeTable<'t>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'t> Section<'t> {
    pub fn root(source: &'t Source<'t>, table: &'t DeTable<'t>) -> Self {
        Self {
            source,
            path: String::new(),
            offset: 0,
            table,
            asked: RefCell::default(),
        }
    }

    /// A field that may be left out.
    pub fn optional(&self, name: &'static str) -> Option<Field<'t>> {
        self.asked.borrow_mut().push(name);
        self.table.get(name).map(|value| Field {
            source: self.source,
            path: self.path_of(name),
            span: value.span(),
            value: value.get_ref(),
        })
    }

    /// A field that must be there.
    pub fn required(&self, name: &'static str) -> Result<Field<'t>, ProfileError> {
        self.optional(name)
            .ok_or_else(|| self.invalid(name, ProfileFault::Missing))
    }

    /// The tables of `[[name]]`; none when it is left out.
    pub fn tables(
        &self,
        name: &'static str,
        most: usize,
    ) -> Result<Vec<Section<'t>>, ProfileError> {
        self.optional(name).map_or_else(
            || Ok(Vec::new()),
            |field| field.list(1..=most)?.iter().map(Field::table).collect(),
        )
    }

    /// A fault of a field that is not there.
    pub fn invalid(&self, name: &str, fault: ProfileFault) -> ProfileError {
        self.source.invalid(self.offset, &self.path_of(name), fault)
    }

    /// Refuses a field that was not asked for.
    pub fn finish(self) -> Result<(), ProfileError> {
        let asked = self.asked.borrow();
        let unknown = self
            .table
            .keys()
            .filter(|key| !asked.contains(&key.get_ref().as_ref()))
            .min_by_key(|key| key.span().start);
        match unknown {
            None => Ok(()),
            Some(key) => Err(self.source.invalid(
                key.span().start,
                &self.path_of(key.get_ref()),
                ProfileFault::UnknownField,
            )),
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

/// A value in the file, and where it is.
#[derive(Clone)]
pub struct Field<'t> {
    source: &'t Source<'t>,
    path: String,
    span: Range<usize>,
    value: &'t DeValue<'t>,
}

impl<'t> Field<'t> {
    pub fn invalid(&self, fault: ProfileFault) -> ProfileError {
        self.source.invalid(self.span.start, &self.path, fault)
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn line(&self) -> usize {
        self.source.line(self.span.start)
    }

    pub fn table(&self) -> Result<Section<'t>, ProfileError> {
        let DeValue::Table(table) = self.value else {
            return Err(self.wrong_type("a table"));
        };
        Ok(Section {
            source: self.source,
            path: self.path.clone(),
            offset: self.span.start,
            table,
            asked: RefCell::default(),
        })
    }

    pub fn list(
        &self,
        lengths: core::ops::RangeInclusive<usize>,
    ) -> Result<Vec<Self>, ProfileError> {
        let DeValue::Array(array) = self.value else {
            return Err(self.wrong_type("a list"));
        };
        self.check_length(array.len(), &lengths)?;
        Ok(array
            .into_iter()
            .enumerate()
            .map(|(position, value)| Self {
                source: self.source,
                path: format!("{}[{position}]", self.path),
                span: value.span(),
                value: value.get_ref(),
            })
            .collect())
    }

    /// A text of 1 to 80 characters, none of them a control character.
    pub fn text(&self) -> Result<String, ProfileError> {
        let text = self.string()?;
        self.check_length(text.chars().count(), &(1..=80))?;
        if text.chars().any(char::is_control) {
            return Err(self.invalid(ProfileFault::Contradiction {
                rule: "a text has no control characters",
            }));
        }
        Ok(text.to_owned())
    }

    pub fn bool(&self) -> Result<bool, ProfileError> {
        match self.value {
            DeValue::Boolean(value) => Ok(*value),
            _ => Err(self.wrong_type("true or false")),
        }
    }

    pub fn number(&self, range: core::ops::RangeInclusive<u8>) -> Result<u8, ProfileError> {
        let DeValue::Integer(integer) = self.value else {
            return Err(self.wrong_type("a whole number"));
        };
        i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .and_then(|number| u8::try_from(number).ok())
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                self.invalid(ProfileFault::OutOfRange {
                    least: i64::from(*range.start()),
                    most: i64::from(*range.end()),
                })
            })
    }

    /// Bytes in hexadecimal; spaces between them are for the reader.
    pub fn bytes(
        &self,
        lengths: core::ops::RangeInclusive<usize>,
    ) -> Result<Vec<u8>, ProfileError> {
        let digits: String = self.string()?.split(' ').collect();
        let bytes = hex::decode(digits).map_err(|_| self.invalid(ProfileFault::NotHexadecimal))?;
        self.check_length(bytes.len(), &lengths)?;
        Ok(bytes)
    }

    /// One of the words of `named`.
    pub fn one_of<T: Copy>(&self, named: &[(&'static str, T)]) -> Result<T, ProfileError> {
        let word = self.string()?;
        named
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                self.invalid(ProfileFault::NotOneOf {
                    allowed: named.iter().map(|(name, _)| *name).collect(),
                })
            })
    }

    /// A list of words of `named`, none of them twice.
    pub fn some_of<T: Copy + PartialEq>(
        &self,
        named: &[(&'static str, T)],
    ) -> Result<Vec<T>, ProfileError> {
        let mut all = Vec::new();
        for field in self.list(0..=named.len())? {
            let one = field.one_of(named)?;
            if all.contains(&one) {
                return Err(field.invalid(ProfileFault::Twice));
            }
            all.push(one);
        }
        Ok(all)
    }

    pub fn string(&self) -> Result<&'t str, ProfileError> {
        match self.value {
            DeValue::String(text) => Ok(text),
            _ => Err(self.wrong_type("a text in quotes")),
        }
    }

    fn check_length(
        &self,
        length: usize,
        lengths: &core::ops::RangeInclusive<usize>,
    ) -> Result<(), ProfileError> {
        if lengths.contains(&length) {
            return Ok(());
        }
        Err(self.invalid(ProfileFault::Length {
            length,
            least: *lengths.start(),
            most: *lengths.end(),
        }))
    }

    fn wrong_type(&self, expected: &'static str) -> ProfileError {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.invalid(ProfileFault::WrongType { expected, found })
    }
}
