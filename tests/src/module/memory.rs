//! The memory that a program hands to a module: templates, buffers, parameters.

use std::ptr::null_mut;

use cryptoki_sys::{
    CK_ATTRIBUTE, CK_ATTRIBUTE_TYPE, CK_FALSE, CK_MECHANISM, CK_MECHANISM_TYPE, CK_OBJECT_CLASS,
    CK_RSA_PKCS_MGF_TYPE, CK_TRUE, CK_ULONG, CKA_CLASS, CKM_RSA_PKCS_PSS,
};

/// A length as the standard's type has it.
pub(super) fn length(size: usize) -> CK_ULONG {
    CK_ULONG::try_from(size).expect("a length of this machine")
}

/// A length of the standard's as one of memory.
pub(super) fn size(length: CK_ULONG) -> usize {
    usize::try_from(length).expect("a length of this machine")
}

/// Pointer and length of a buffer; NULL and nothing without one.
pub(super) fn raw(buffer: Option<&mut [u8]>) -> (*mut u8, CK_ULONG) {
    match buffer {
        Some(buffer) => (buffer.as_mut_ptr(), length(buffer.len())),
        None => (null_mut(), 0),
    }
}

/// The value of an attribute in a template.
#[derive(Clone, Debug)]
pub enum Given {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A NULL pointer, with that length.
    Null(CK_ULONG),
    /// These bytes, said to be longer than any memory can be.
    Endless(Vec<u8>),
}

/// Attributes that objects are searched by.
#[derive(Clone, Debug, Default)]
pub struct Template(Vec<(CK_ATTRIBUTE_TYPE, Given)>);

impl Template {
    /// No attribute: everything fits.
    pub fn all() -> Self {
        Self::default()
    }

    /// Objects of that class.
    pub fn of_class(class: CK_OBJECT_CLASS) -> Self {
        Self::all().and_number(CKA_CLASS, class)
    }

    /// And this attribute has these bytes.
    #[must_use]
    pub fn and(self, kind: CK_ATTRIBUTE_TYPE, value: impl Into<Vec<u8>>) -> Self {
        self.and_given(kind, Given::Bytes(value.into()))
    }

    /// And this attribute is that number.
    #[must_use]
    pub fn and_number(self, kind: CK_ATTRIBUTE_TYPE, value: CK_ULONG) -> Self {
        self.and(kind, value.to_ne_bytes())
    }

    /// And this attribute is true or false.
    #[must_use]
    pub fn and_flag(self, kind: CK_ATTRIBUTE_TYPE, value: bool) -> Self {
        self.and(kind, [if value { CK_TRUE } else { CK_FALSE }])
    }

    /// And whatever is said of this attribute.
    #[must_use]
    pub fn and_given(mut self, kind: CK_ATTRIBUTE_TYPE, value: Given) -> Self {
        self.0.push((kind, value));
        self
    }

    /// As C has it: the first attribute and how many there are.
    pub(super) fn with<T>(&self, to: impl FnOnce(*mut CK_ATTRIBUTE, CK_ULONG) -> T) -> T {
        let mut given = self.0.clone();
        let mut attributes: Vec<_> = given
            .iter_mut()
            .map(|(kind, value)| {
                let (pointer, length) = match value {
                    Given::Bytes(bytes) => raw(Some(bytes)),
                    Given::Null(length) => (null_mut(), *length),
                    Given::Endless(bytes) => (raw(Some(bytes)).0, CK_ULONG::MAX - 1),
                };
                CK_ATTRIBUTE {
                    type_: *kind,
                    pValue: pointer.cast(),
                    ulValueLen: length,
                }
            })
            .collect();
        to(attributes.as_mut_ptr(), length(attributes.len()))
    }
}

/// A question for an attribute, and its answer.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which.
    pub kind: CK_ATTRIBUTE_TYPE,
    /// Where the value goes; `None`: only the length is asked for.
    pub buffer: Option<Vec<u8>>,
    /// What the module said of the length.
    pub length: CK_ULONG,
    /// What is said of the room, if not the truth.
    claimed: Option<CK_ULONG>,
}

impl Query {
    /// How long is it?
    pub fn length_of(kind: CK_ATTRIBUTE_TYPE) -> Self {
        Self {
            kind,
            buffer: None,
            length: 0,
            claimed: None,
        }
    }

    /// What is it? There is room for so many bytes.
    pub fn of(kind: CK_ATTRIBUTE_TYPE, room: usize) -> Self {
        Self {
            kind,
            buffer: Some(vec![0xEE; room]),
            length: 0,
            claimed: None,
        }
    }

    /// The same, saying that there is more room than any memory has.
    ///
    /// # Panics
    /// When it is less: nobody could see that it is not true.
    #[must_use]
    pub fn claiming(mut self, room: CK_ULONG) -> Self {
        assert!(room > CK_ULONG::MAX / 2, "that would be believed");
        self.claimed = Some(room);
        self
    }

    /// The answer.
    ///
    /// # Panics
    /// When none was asked for, or it does not fit.
    pub fn value(&self) -> Vec<u8> {
        let buffer = self.buffer.as_ref().expect("a value was asked for");
        buffer[..size(self.length)].to_vec()
    }

    /// Nothing was written where the value should go.
    pub fn is_untouched(&self) -> bool {
        let mut bytes = self.buffer.iter().flatten();
        bytes.all(|byte| *byte == 0xEE)
    }

    pub(super) fn with<T>(
        queries: &mut [Self],
        to: impl FnOnce(*mut CK_ATTRIBUTE, CK_ULONG) -> T,
    ) -> T {
        let mut attributes: Vec<_> = queries
            .iter_mut()
            .map(|query| {
                let (pointer, length) = raw(query.buffer.as_deref_mut());
                CK_ATTRIBUTE {
                    type_: query.kind,
                    pValue: pointer.cast(),
                    ulValueLen: query.claimed.unwrap_or(length),
                }
            })
            .collect();
        let result = to(attributes.as_mut_ptr(), length(attributes.len()));
        for (query, attribute) in queries.iter_mut().zip(&attributes) {
            query.length = attribute.ulValueLen;
        }
        result
    }
}

/// How something is signed.
#[derive(Clone, Debug)]
pub struct Mechanism {
    /// Which.
    pub kind: CK_MECHANISM_TYPE,
    /// Its parameter; `None`: NULL.
    pub parameter: Option<Vec<CK_ULONG>>,
    /// What is said of the parameter's length, if not the truth.
    pub claimed: Option<CK_ULONG>,
}

impl Mechanism {
    /// Without a parameter.
    pub fn plain(kind: CK_MECHANISM_TYPE) -> Self {
        Self {
            kind,
            parameter: None,
            claimed: None,
        }
    }

    /// `CKM_RSA_PKCS_PSS` with that hash, mask and length of salt.
    pub fn pss(hash: CK_MECHANISM_TYPE, mask: CK_RSA_PKCS_MGF_TYPE, salt: CK_ULONG) -> Self {
        Self {
            kind: CKM_RSA_PKCS_PSS,
            parameter: Some(vec![hash, mask, salt]),
            claimed: None,
        }
    }

    /// The same, saying something else of the parameter's length: less than it is, or more than
    /// any memory has.
    #[must_use]
    pub fn claiming(mut self, length: CK_ULONG) -> Self {
        let words = self.parameter.as_ref().map_or(0, Vec::len);
        let is = words * size_of::<CK_ULONG>();
        assert!(
            size(length) <= is || length > CK_ULONG::MAX / 2 || self.parameter.is_none(),
            "that would be the caller's fault, and nobody could see it"
        );
        self.claimed = Some(length);
        self
    }

    pub(super) fn with<T>(&self, to: impl FnOnce(*mut CK_MECHANISM) -> T) -> T {
        let mut words = self.parameter.clone();
        let is = words.as_ref().map_or(0, Vec::len) * size_of::<CK_ULONG>();
        let mut mechanism = CK_MECHANISM {
            mechanism: self.kind,
            pParameter: words
                .as_mut()
                .map_or(null_mut(), |words| words.as_mut_ptr().cast()),
            ulParameterLen: self.claimed.unwrap_or(length(is)),
        };
        to(&raw mut mechanism)
    }
}
