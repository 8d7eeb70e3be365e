//! An object: its attributes, as they are asked for and searched by.

use cryptoki_sys::*;

use crate::error::Error;
use crate::ffi::ulong;

/// A kind of attribute and its value.
pub type Attribute<'a> = (CK_ATTRIBUTE_TYPE, &'a [u8]);

/// What never leaves the card.
const SENSITIVE: &[CK_ATTRIBUTE_TYPE] = &[
    CKA_VALUE,
    CKA_PRIVATE_EXPONENT,
    CKA_PRIME_1,
    CKA_PRIME_2,
    CKA_EXPONENT_1,
    CKA_EXPONENT_2,
    CKA_COEFFICIENT,
];

/// A certificate, a key, or what else a token has. It never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// Sorted by their kinds.
    attributes: Vec<(CK_ATTRIBUTE_TYPE, Box<[u8]>)>,
}

impl Object {
    /// One of this class, with what every object on a token has.
    pub(crate) fn of_class(class: CK_OBJECT_CLASS, label: &str, unique: &str) -> Self {
        let mut object = Self::default();
        object.number(CKA_CLASS, class);
        object.bytes(CKA_LABEL, label.as_bytes());
        object.bytes(CKA_UNIQUE_ID, unique.as_bytes());
        object.truths(&[CKA_TOKEN]);
        object.falsehoods(&[CKA_PRIVATE, CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE]);
        object
    }

    pub(crate) fn bytes(&mut self, kind: CK_ATTRIBUTE_TYPE, value: &[u8]) {
        match self.position(kind) {
            Ok(at) => {
                if let Some(attribute) = self.attributes.get_mut(at) {
                    attribute.1 = value.into();
                }
            }
            Err(at) => self.attributes.insert(at, (kind, value.into())),
        }
    }

    pub(crate) fn number(&mut self, kind: CK_ATTRIBUTE_TYPE, value: CK_ULONG) {
        self.bytes(kind, &value.to_ne_bytes());
    }

    pub(crate) fn numbers(&mut self, kind: CK_ATTRIBUTE_TYPE, values: &[CK_ULONG]) {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_ne_bytes())
            .collect();
        self.bytes(kind, &bytes);
    }

    pub(crate) fn truths(&mut self, kinds: &[CK_ATTRIBUTE_TYPE]) {
        for kind in kinds {
            self.bytes(*kind, &[CK_TRUE]);
        }
    }

    pub(crate) fn falsehoods(&mut self, kinds: &[CK_ATTRIBUTE_TYPE]) {
        for kind in kinds {
            self.bytes(*kind, &[CK_FALSE]);
        }
    }

    fn position(&self, kind: CK_ATTRIBUTE_TYPE) -> Result<usize, usize> {
        self.attributes
            .binary_search_by_key(&kind, |(kind, _)| *kind)
    }

    fn value(&self, kind: CK_ATTRIBUTE_TYPE) -> Option<&[u8]> {
        let at = self.position(kind).ok()?;
        self.attributes.get(at).map(|(_, value)| &**value)
    }

    /// Of this class.
    #[must_use]
    pub fn is(&self, class: CK_OBJECT_CLASS) -> bool {
        self.value(CKA_CLASS) == Some(class.to_ne_bytes().as_slice())
    }

    /// Seen only by who is logged in.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.value(CKA_PRIVATE) == Some([CK_TRUE].as_slice())
    }

    /// An attribute.
    ///
    /// # Errors
    /// [`Error::AttributeSensitive`], [`Error::AttributeTypeInvalid`].
    pub fn attribute(&self, kind: CK_ATTRIBUTE_TYPE) -> Result<&[u8], Error> {
        match self.value(kind) {
            Some(value) => Ok(value),
            None if self.is(CKO_PRIVATE_KEY) && SENSITIVE.contains(&kind) => {
                Err(Error::AttributeSensitive)
            }
            None => Err(Error::AttributeTypeInvalid),
        }
    }

    /// It has each of these attributes, with just this value.
    #[must_use]
    pub fn matches(&self, template: &[Attribute<'_>]) -> bool {
        template
            .iter()
            .all(|(kind, value)| self.value(*kind) == Some(*value))
    }

    /// What C_GetAttributeValue does with one attribute, §5.7.5: `room` is how many bytes the
    /// caller takes, `None` where he wants the length alone.
    #[must_use]
    pub fn fit(&self, kind: CK_ATTRIBUTE_TYPE, room: Option<usize>) -> Fit<'_> {
        let refused = |error| Fit {
            length: CK_UNAVAILABLE_INFORMATION,
            bytes: &[],
            error: Some(error),
        };
        match (self.attribute(kind), room) {
            (Err(error), _) => refused(error),
            (Ok(value), Some(room)) if room < value.len() => refused(Error::BufferTooSmall),
            (Ok(value), room) => Fit {
                length: ulong(value.len()),
                bytes: if room.is_some() { value } else { &[] },
                error: None,
            },
        }
    }

    /// Bytes of all values.
    #[must_use]
    pub fn size(&self) -> usize {
        self.attributes.iter().map(|(_, value)| value.len()).sum()
    }
}

/// What the caller gets of one attribute.
#[derive(Debug)]
pub struct Fit<'a> {
    /// For `ulValueLen`.
    pub length: CK_ULONG,
    /// For `pValue`.
    pub bytes: &'a [u8],
    /// For the whole call.
    pub error: Option<Error>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Object {
        let mut key = Object::of_class(CKO_PRIVATE_KEY, "Мария", "1");
        key.bytes(CKA_ID, &[1, 2, 3]);
        key
    }

    #[test]
    fn finds_by_all_attributes_or_none() {
        let class = CKO_PRIVATE_KEY.to_ne_bytes();
        let (id, other): (&[u8], &[u8]) = (&[1, 2, 3], &[1, 2]);
        assert!(key().matches(&[]));
        assert!(key().matches(&[(CKA_ID, id), (CKA_CLASS, &class)]));
        assert!(!key().matches(&[(CKA_ID, other), (CKA_CLASS, &class)]));
        assert!(!key().matches(&[(CKA_ID, id), (CKA_VALUE, &[])]));
    }

    #[test]
    fn stops_before_too_small_a_buffer() {
        let key = key();
        let fits = key.fit(CKA_ID, Some(3));
        assert_eq!((fits.length, fits.bytes), (3, [1, 2, 3].as_slice()));
        let asked = key.fit(CKA_ID, None);
        assert_eq!((asked.length, asked.bytes.len()), (3, 0));
        let small = key.fit(CKA_ID, Some(2));
        assert_eq!(small.length, CK_UNAVAILABLE_INFORMATION);
        assert!(small.bytes.is_empty());
        assert!(matches!(small.error, Some(Error::BufferTooSmall)));
    }

    #[test]
    fn refuses_what_never_leaves_the_card() {
        for kind in SENSITIVE {
            let refused = key().fit(*kind, Some(4096)).error;
            assert!(matches!(refused, Some(Error::AttributeSensitive)));
        }
        let unknown = key().fit(CKA_OTP_COUNTER, None).error;
        assert!(matches!(unknown, Some(Error::AttributeTypeInvalid)));
    }
}
