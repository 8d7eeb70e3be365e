//! `SecurityInfos`, TR-03110-3 §A.1: which protocols a card speaks. EF.CardAccess and DG14 hold it.

use der::asn1::{Any, AnyRef, ObjectIdentifier, SetOfVec};
use der::{
    Decode, Encode, EncodeValue, Header, Length, Reader, Sequence, SliceReader, Tag, Tagged, Writer,
};

use crate::{Cipher, Curve, PaceError, SecurityInfosError, Unsupported};

/// Longest `SecurityInfos` that is read. Real ones have some hundred bytes.
const LONGEST: usize = 16 * 1024;

/// id-PACE, 0.4.0.127.0.7.2.2.4
pub(crate) const ID_PACE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.4");
/// standardizedDomainParameters, 0.4.0.127.0.7.1.2
const STANDARDIZED: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.1.2");
const ECDH_GM_AES_128: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.4.2.2");
const ECDH_GM_AES_192: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.4.2.3");
const ECDH_GM_AES_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.4.2.4");
/// Arcs below id-PACE: group and mapping.
const DH_GM: u8 = 1;
const ECDH_GM: u8 = 2;
const DH_IM: u8 = 3;
const ECDH_IM: u8 = 4;
const ECDH_CAM: u8 = 6;
/// Arcs below these: the cipher.
const TRIPLE_DES: u8 = 1;
const AES_128: u8 = 2;
const AES_192: u8 = 3;
const AES_256: u8 = 4;
/// The only version of `PACEInfo`.
const VERSION: u32 = 2;
/// Numbers from here on are a card's own, described by a `PACEDomainParameterInfo`.
const OWN_PARAMETERS: u32 = 32;

/// One `SecurityInfo`: a protocol, and what the protocol says of itself, not looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityInfo {
    // INVARIANT: its tag is that of an object identifier. Not taken apart: the number of a
    // protocol that nobody here knows may be greater than any that const-oid takes.
    protocol: Any,
    required: Any,
    optional: Option<Any>,
}

impl SecurityInfo {
    /// Of `protocol`, with what every protocol has and what some have.
    ///
    /// # Errors
    /// Never for an identifier as it is made.
    pub fn new(
        protocol: ObjectIdentifier,
        required: Any,
        optional: Option<Any>,
    ) -> der::Result<Self> {
        Ok(Self {
            protocol: Any::encode_from(&protocol)?,
            required,
            optional,
        })
    }

    /// The protocol; `None` when its identifier is longer than any that is known here.
    #[must_use]
    pub fn protocol(&self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(self.protocol.value()).ok()
    }

    /// Whether this is its protocol.
    #[must_use]
    pub fn is(&self, protocol: &ObjectIdentifier) -> bool {
        self.protocol.value() == protocol.as_bytes()
    }

    /// What every protocol has.
    #[must_use]
    pub const fn required(&self) -> &Any {
        &self.required
    }

    /// What some protocols have.
    #[must_use]
    pub const fn optional(&self) -> Option<&Any> {
        self.optional.as_ref()
    }

    /// The bytes of its protocol's identifier that follow those of `parent`.
    pub(crate) fn arcs_below(&self, parent: &ObjectIdentifier) -> Option<&[u8]> {
        self.protocol.value().strip_prefix(parent.as_bytes())
    }

    /// Its protocol, for an error.
    fn name(&self) -> String {
        self.protocol()
            .map_or_else(|| "too long to name".to_owned(), |oid| oid.to_string())
    }

    fn malformed(&self) -> SecurityInfosError {
        SecurityInfosError::Info {
            protocol: self.name(),
        }
    }
}

impl<'a> der::DecodeValue<'a> for SecurityInfo {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        reader.read_nested(header.length(), |reader| {
            let protocol: Any = reader.decode()?;
            protocol.tag().assert_eq(Tag::ObjectIdentifier)?;
            let required = reader.decode()?;
            let optional = if reader.is_finished() {
                None
            } else {
                Some(reader.decode()?)
            };
            Ok(Self {
                protocol,
                required,
                optional,
            })
        })
    }
}

impl EncodeValue for SecurityInfo {
    fn value_len(&self) -> der::Result<Length> {
        let optional = self.optional.as_ref().map(Encode::encoded_len);
        self.protocol.encoded_len()?
            + self.required.encoded_len()?
            + optional.transpose()?.unwrap_or(Length::ZERO)
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.protocol.encode(writer)?;
        self.required.encode(writer)?;
        self.optional
            .as_ref()
            .map_or(Ok(()), |any| any.encode(writer))
    }
}

impl Sequence<'_> for SecurityInfo {}
impl der::ValueOrd for SecurityInfo {
    fn value_cmp(&self, other: &Self) -> der::Result<core::cmp::Ordering> {
        Ok(self.to_der()?.cmp(&other.to_der()?))
    }
}

/// `SecurityInfos ::= SET OF SecurityInfo`. Infos of unknown protocols are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityInfos {
    infos: Vec<SecurityInfo>,
}

impl SecurityInfos {
    /// Of these infos.
    #[must_use]
    pub const fn new(infos: Vec<SecurityInfo>) -> Self {
        Self { infos }
    }

    /// Reads the SET that fills all of `der`. Cards do not all sort it, so its order is not looked
    /// at.
    ///
    /// # Errors
    /// [`SecurityInfosError`].
    pub fn parse(der: &[u8]) -> Result<Self, SecurityInfosError> {
        if der.len() > LONGEST {
            return Err(SecurityInfosError::TooLong {
                length: der.len(),
                longest: LONGEST,
            });
        }
        read(der).map_err(|error| SecurityInfosError::Der {
            offset: error
                .position()
                .and_then(|position| usize::try_from(position).ok())
                .unwrap_or(0),
        })
    }

    /// The DER encoding, sorted as a SET OF is.
    ///
    /// # Errors
    /// Two infos are the same, or they are longer than DER can say.
    pub fn encode(&self) -> der::Result<Vec<u8>> {
        let mut set = SetOfVec::new();
        for info in &self.infos {
            set.insert(info.clone())?;
        }
        set.to_der()
    }

    /// All infos, in the card's order.
    pub fn iter(&self) -> impl Iterator<Item = &SecurityInfo> {
        self.infos.iter()
    }

    /// The best PACE that the card offers and Lichna speaks: the longest key of the cipher, then
    /// the longest curve.
    ///
    /// # Errors
    /// [`PaceError::Unsupported`] names what the card wants instead; of several things, the first.
    /// [`PaceError::SecurityInfos`] when an info of PACE is malformed.
    pub fn pace(&self) -> Result<PaceInfo, PaceError> {
        let mut why = Unsupported::NoPace;
        let mut best: Option<PaceInfo> = None;
        for info in &self.infos {
            // Two more bytes than id-PACE: PACEInfo. One more: PACEDomainParameterInfo.
            let Some([mapping, cipher]) = info.arcs_below(&ID_PACE) else {
                continue;
            };
            match self.pace_info(info, *mapping, *cipher)? {
                Ok(offered) => {
                    let better = best.is_none_or(|best| offered.strength() > best.strength());
                    best = if better { Some(offered) } else { best };
                }
                Err(what) if why == Unsupported::NoPace => why = what,
                Err(_) => (),
            }
        }
        best.ok_or(PaceError::Unsupported { what: why })
    }

    /// A `PACEInfo`, TR-03110-3 §A.1.1.1, or what it needs that is not spoken here.
    fn pace_info(
        &self,
        info: &SecurityInfo,
        mapping: u8,
        cipher: u8,
    ) -> Result<Result<PaceInfo, Unsupported>, SecurityInfosError> {
        let malformed = || info.malformed();
        let version: u32 = info.required.decode_as().map_err(|_| malformed())?;
        let parameter = info.optional.as_ref().map(Any::decode_as::<u32>);
        let parameter = parameter.transpose().map_err(|_| malformed())?;
        if cipher == TRIPLE_DES {
            return Ok(Err(Unsupported::TripleDes));
        }
        let what = match mapping {
            ECDH_GM => None,
            DH_GM | DH_IM => Some(Unsupported::DiffieHellman),
            ECDH_IM => Some(Unsupported::IntegratedMapping),
            ECDH_CAM => Some(Unsupported::ChipAuthenticationMapping),
            _ => Some(Unsupported::Protocol(info.name())),
        };
        let cipher = match cipher {
            AES_128 => Some(Cipher::Aes128),
            AES_192 => Some(Cipher::Aes192),
            AES_256 => Some(Cipher::Aes256),
            _ => None,
        };
        let cipher = match (what, cipher) {
            (Some(what), _) => return Ok(Err(what)),
            (None, None) => return Ok(Err(Unsupported::Protocol(info.name()))),
            (None, Some(cipher)) => cipher,
        };
        if version != VERSION {
            return Ok(Err(Unsupported::Version(version)));
        }
        let curve = match parameter {
            Some(id) if id < OWN_PARAMETERS => u8::try_from(id)
                .ok()
                .and_then(Curve::from_parameter_id)
                .ok_or(Unsupported::DomainParameters(id)),
            own => self.own_parameters(own)?,
        };
        let parameter_id = parameter.map(u8::try_from).transpose();
        Ok(curve.and_then(|curve| {
            Ok(PaceInfo {
                curve,
                cipher,
                parameter_id: parameter_id.map_err(|_| Unsupported::UnnamedParameters)?,
            })
        }))
    }

    /// The curve of the `PACEDomainParameterInfo` with this number, TR-03110-3 §A.1.1.1.
    fn own_parameters(
        &self,
        id: Option<u32>,
    ) -> Result<Result<Curve, Unsupported>, SecurityInfosError> {
        for info in &self.infos {
            if info.arcs_below(&ID_PACE) != Some(&[ECDH_GM]) {
                continue;
            }
            let malformed = || info.malformed();
            let own = info.optional.as_ref().map(Any::decode_as::<u32>);
            if own.transpose().map_err(|_| malformed())? != id {
                continue;
            }
            let (algorithm, parameters) = info
                .required
                .sequence(|reader| {
                    let algorithm: ObjectIdentifier = reader.decode()?;
                    let parameters: AnyRef<'_> = reader.decode()?;
                    Ok::<_, der::Error>((algorithm, parameters.decode_as::<u32>().ok()))
                })
                .map_err(|_| malformed())?;
            return Ok(match parameters {
                _ if algorithm != STANDARDIZED => Err(Unsupported::ExplicitParameters),
                None => return Err(malformed()),
                Some(id) => u8::try_from(id)
                    .ok()
                    .and_then(Curve::from_parameter_id)
                    .ok_or(Unsupported::DomainParameters(id)),
            });
        }
        Ok(Err(Unsupported::UnnamedParameters))
    }
}

/// A PACE that a card offers and Lichna speaks: generic mapping over ECDH, AES.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaceInfo {
    curve: Curve,
    cipher: Cipher,
    parameter_id: Option<u8>,
}

impl PaceInfo {
    /// On the standardized domain parameters of `curve`.
    #[must_use]
    pub const fn new(curve: Curve, cipher: Cipher) -> Self {
        Self {
            curve,
            cipher,
            parameter_id: Some(curve.parameter_id()),
        }
    }

    /// The curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// The cipher of the session.
    #[must_use]
    pub const fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// How MSE:SET AT names the domain parameters (data object 84), where the card numbers them.
    #[must_use]
    pub const fn parameter_id(&self) -> Option<u8> {
        self.parameter_id
    }

    /// id-PACE-ECDH-GM-AES-CBC-CMAC-128, -192 or -256.
    #[must_use]
    pub const fn protocol(&self) -> ObjectIdentifier {
        match self.cipher {
            Cipher::Aes128 => ECDH_GM_AES_128,
            Cipher::Aes192 => ECDH_GM_AES_192,
            Cipher::Aes256 => ECDH_GM_AES_256,
        }
    }

    /// The `PACEInfo` that says so, for a card's EF.CardAccess.
    ///
    /// # Errors
    /// Never for numbers as short as these.
    pub fn security_info(&self) -> der::Result<SecurityInfo> {
        let id = self.parameter_id.map(|id| Any::encode_from(&id));
        SecurityInfo::new(
            self.protocol(),
            Any::encode_from(&VERSION)?,
            id.transpose()?,
        )
    }

    const fn strength(&self) -> (usize, usize) {
        (self.cipher.key_length(), self.curve.field_length())
    }
}

fn read(der: &[u8]) -> der::Result<SecurityInfos> {
    let mut reader = SliceReader::new(der)?;
    let header = Header::decode(&mut reader)?;
    header.tag().assert_eq(Tag::Set)?;
    let infos = reader.read_nested(header.length(), |reader| {
        let mut infos = Vec::new();
        while !reader.is_finished() {
            infos.push(SecurityInfo::decode(reader)?);
        }
        Ok::<_, der::Error>(infos)
    })?;
    reader.finish()?;
    Ok(SecurityInfos { infos })
}
