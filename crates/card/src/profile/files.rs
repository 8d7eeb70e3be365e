//! Files of a card that say something of the card itself.

/// Where a card keeps the proof that it is genuine. Paths are from the MF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenuineFiles {
    pub(crate) chip_authentication: Vec<u8>,
    pub(crate) security_object: Vec<u8>,
}

impl GenuineFiles {
    /// EF.DG14: the public key that the chip proves to have, ICAO 9303-10 §4.7.14.
    #[must_use]
    pub fn chip_authentication(&self) -> &[u8] {
        &self.chip_authentication
    }

    /// EF.SOD: what the issuer signed, ICAO 9303-10 §4.6.2.
    #[must_use]
    pub fn security_object(&self) -> &[u8] {
        &self.security_object
    }
}

/// Where a card's cryptographic information application begins, ISO/IEC 7816-15. Paths are from
/// the MF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiaFiles {
    pub(crate) object_directory: Vec<u8>,
    pub(crate) information: Option<Vec<u8>>,
}

impl CiaFiles {
    /// EF.OD: where the other files are.
    #[must_use]
    pub fn object_directory(&self) -> &[u8] {
        &self.object_directory
    }

    /// EF.CIAInfo: what the card is called.
    #[must_use]
    pub fn information(&self) -> Option<&[u8]> {
        self.information.as_deref()
    }
}
