//! The elliptic curves of TR-03110-3 §A.2.1.1 that are spoken here, and what PACE needs of them.
//!
//! All four have a prime order and cofactor 1: there are no points of small order. A point that is
//! on the curve and not the identity generates the whole group, so nothing else has to be checked.

use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, NonZeroScalar, ProjectivePoint,
    Scalar,
    group::Group,
    rand_core::TryCryptoRng,
    sec1::{FromSec1Point, ModulusSize, Sec1Point, ToSec1Point},
};
use p256::NistP256;
use p384::NistP384;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

/// Uncompressed, SEC 1 §2.3.3: the only encoding that TR-03110 allows.
const UNCOMPRESSED: u8 = 0x04;
/// Most random numbers that are drawn for one key. Of brainpoolP256r1 a third is beyond the
/// order; that a good generator gives so many of them does not happen.
const MOST_DRAWS: usize = 256;

/// A standardized domain parameter set, TR-03110-3 table A.2.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named as its standard names it")]
pub enum Curve {
    P256,
    P384,
    BrainpoolP256r1,
    BrainpoolP384r1,
}

/// Evaluates an expression with the type of the curve named.
macro_rules! by_curve {
    ($curve:expr, $type:ident => $with:expr) => {
        match $curve {
            Curve::P256 => {
                type $type = NistP256;
                $with
            }
            Curve::P384 => {
                type $type = NistP384;
                $with
            }
            Curve::BrainpoolP256r1 => {
                type $type = BrainpoolP256r1;
                $with
            }
            Curve::BrainpoolP384r1 => {
                type $type = BrainpoolP384r1;
                $with
            }
        }
    };
}

impl Curve {
    /// All that are spoken here.
    pub const ALL: [Self; 4] = [
        Self::P256,
        Self::BrainpoolP256r1,
        Self::P384,
        Self::BrainpoolP384r1,
    ];

    /// Its number among the standardized domain parameters.
    #[must_use]
    pub const fn parameter_id(self) -> u8 {
        match self {
            Self::P256 => 12,
            Self::BrainpoolP256r1 => 13,
            Self::P384 => 15,
            Self::BrainpoolP384r1 => 16,
        }
    }

    /// The curve with this number, where it is one that is spoken here.
    #[must_use]
    pub fn from_parameter_id(id: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|curve| curve.parameter_id() == id)
    }

    /// Bytes of a coordinate.
    #[must_use]
    pub const fn field_length(self) -> usize {
        match self {
            Self::P256 | Self::BrainpoolP256r1 => 32,
            Self::P384 | Self::BrainpoolP384r1 => 48,
        }
    }
}

/// Why bytes are no public key of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum PointError {
    /// The encoding of the identity, which is no public key.
    #[error("the point at infinity")]
    Identity,
    /// Compressed, hybrid, or no encoding of SEC 1.
    #[error("a point that is not in uncompressed form")]
    Encoding,
    /// Uncompressed, but too short or too long.
    #[error("a point of {length} bytes, not {expected}")]
    Length {
        /// Bytes there were.
        length: usize,
        /// Bytes of a point on this curve.
        expected: usize,
    },
    /// Its coordinates do not satisfy the curve's equation, or are none.
    #[error("a point that is not on the curve")]
    NotOnCurve,
}

/// Random bytes could not be had, or were none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the random number generator failed")]
pub struct RandomError;

/// A public key: a point on its curve that is not the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    curve: Curve,
    // INVARIANT: uncompressed, on the curve, not the identity.
    bytes: Vec<u8>,
}

impl PublicKey {
    /// Takes the uncompressed point `04 ‖ x ‖ y` over, if it is one of the curve.
    ///
    /// # Errors
    /// [`PointError`].
    pub fn parse(curve: Curve, bytes: &[u8]) -> Result<Self, PointError> {
        let expected = 1 + 2 * curve.field_length();
        match bytes {
            [0, ..] if bytes.iter().all(|byte| *byte == 0) => return Err(PointError::Identity),
            [UNCOMPRESSED, ..] if bytes.len() == expected => (),
            [UNCOMPRESSED, ..] => {
                return Err(PointError::Length {
                    length: bytes.len(),
                    expected,
                });
            }
            _ => return Err(PointError::Encoding),
        }
        by_curve!(curve, C => decode::<C>(bytes).map(drop))?;
        Ok(Self {
            curve,
            bytes: bytes.to_vec(),
        })
    }

    /// Its curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// `04 ‖ x ‖ y`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The point that public keys are multiples of: the curve's own, or the one that PACE mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Generator {
    Standard(Curve),
    Mapped(PublicKey),
}

impl Generator {
    pub(crate) const fn curve(&self) -> Curve {
        match self {
            Self::Standard(curve) => *curve,
            Self::Mapped(point) => point.curve,
        }
    }
}

/// A private key. It is wiped when it is dropped, and never shown.
pub struct PrivateKey {
    curve: Curve,
    // INVARIANT: as long as a coordinate; not zero, and less than the order.
    bytes: Zeroizing<Vec<u8>>,
}

impl PrivateKey {
    /// A random one.
    ///
    /// # Errors
    /// [`RandomError`] when `rng` fails, or gives nothing of use.
    pub fn generate<R: TryCryptoRng + ?Sized>(
        curve: Curve,
        rng: &mut R,
    ) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new(vec![0; curve.field_length()]);
        for _ in 0..MOST_DRAWS {
            rng.try_fill_bytes(&mut bytes).map_err(|_| RandomError)?;
            if let Some(key) = Self::from_bytes(curve, &bytes) {
                return Ok(key);
            }
        }
        Err(RandomError)
    }

    /// The one with this number, big-endian, as long as a coordinate; `None` when it is zero or
    /// not less than the order.
    #[must_use]
    pub fn from_bytes(curve: Curve, bytes: &[u8]) -> Option<Self> {
        by_curve!(curve, C => scalar::<C>(bytes).map(drop))?;
        Some(Self {
            curve,
            bytes: Zeroizing::new(bytes.to_vec()),
        })
    }

    /// The number, big-endian: for a key that is to be kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// The public key on the curve's own generator.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        by_curve!(self.curve, C => {
            let scalar = self.scalar::<C>();
            public::<C>(self.curve, ProjectivePoint::<C>::mul_by_generator(&scalar))
        })
    }

    /// The public key on another generator of the same curve.
    pub(crate) fn public_key_on(&self, generator: &Generator) -> PublicKey {
        match generator {
            Generator::Standard(_) => self.public_key(),
            Generator::Mapped(base) => {
                by_curve!(self.curve, C => {
                    public::<C>(self.curve, multiply::<C>(base, &self.scalar::<C>()))
                })
            }
        }
    }

    /// ECKA, TR-03111 §4.3.1: the first coordinate of the shared point.
    /// `None` when `other` is a key of another curve.
    #[must_use]
    pub fn agree(&self, other: &PublicKey) -> Option<Zeroizing<Vec<u8>>> {
        (self.curve == other.curve).then(|| {
            by_curve!(self.curve, C => {
                let mut shared = multiply::<C>(other, &self.scalar::<C>());
                let mut encoded = encode::<C>(&shared);
                shared.zeroize();
                let x = encoded.get(1..=self.curve.field_length()).unwrap_or_default();
                let x = Zeroizing::new(x.to_vec());
                encoded.zeroize();
                x
            })
        })
    }

    /// Generic mapping, ICAO 9303-11 §4.4.3.3.1: s·G + H with H the shared point.
    ///
    /// `None` when the result is the identity, or `other` is a key of another curve.
    pub(crate) fn map(&self, other: &PublicKey, nonce: &[u8]) -> Option<Generator> {
        if self.curve != other.curve {
            return None;
        }
        let mapped = by_curve!(self.curve, C => {
            let mut secret = reduce::<C>(nonce);
            let mut mapped = ProjectivePoint::<C>::mul_by_generator(&secret);
            secret.zeroize();
            mapped += multiply::<C>(other, &self.scalar::<C>());
            if bool::from(mapped.is_identity()) {
                return None;
            }
            public::<C>(self.curve, mapped)
        });
        Some(Generator::Mapped(mapped))
    }

    #[allow(
        clippy::expect_used,
        reason = "from_bytes alone makes a key, and has decoded the same bytes"
    )]
    fn scalar<C: PaceCurve>(&self) -> Zeroizing<Scalar<C>>
    where
        FieldBytesSize<C>: ModulusSize,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    {
        Zeroizing::new(*scalar::<C>(&self.bytes).expect("invariant: the number of a key is one"))
    }
}

/// Whether two public keys are the same. They are public, but a comparison costs nothing.
impl PublicKey {
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.curve == other.curve && bool::from(self.bytes.ct_eq(&other.bytes))
    }
}

/// What all four curves have.
trait PaceCurve: CurveArithmetic {}
impl PaceCurve for NistP256 {}
impl PaceCurve for NistP384 {}
impl PaceCurve for BrainpoolP256r1 {}
impl PaceCurve for BrainpoolP384r1 {}

fn decode<C: PaceCurve>(bytes: &[u8]) -> Result<ProjectivePoint<C>, PointError>
where
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
{
    let encoded = Sec1Point::<C>::from_bytes(bytes).map_err(|_| PointError::Encoding)?;
    // This checks the curve's equation.
    let point: Option<AffinePoint<C>> = AffinePoint::<C>::from_sec1_point(&encoded).into();
    let point = ProjectivePoint::<C>::from(point.ok_or(PointError::NotOnCurve)?);
    if bool::from(point.is_identity()) {
        return Err(PointError::Identity);
    }
    Ok(point)
}

fn encode<C: PaceCurve>(point: &ProjectivePoint<C>) -> Vec<u8>
where
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
{
    let point: AffinePoint<C> = (*point).into();
    point.to_sec1_point(false).as_bytes().to_vec()
}

/// A point that is known to be no identity: a multiple, by less than the order, of a generator.
fn public<C: PaceCurve>(curve: Curve, point: ProjectivePoint<C>) -> PublicKey
where
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
{
    PublicKey {
        curve,
        bytes: encode::<C>(&point),
    }
}

#[allow(
    clippy::expect_used,
    reason = "parse and this module alone make a PublicKey, and from a point"
)]
fn multiply<C: PaceCurve>(point: &PublicKey, by: &Scalar<C>) -> ProjectivePoint<C>
where
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
{
    decode::<C>(&point.bytes).expect("invariant: a public key is a point") * by
}

fn scalar<C: PaceCurve>(bytes: &[u8]) -> Option<NonZeroScalar<C>> {
    let mut repr = FieldBytes::<C>::try_from(bytes).ok()?;
    let scalar = NonZeroScalar::<C>::from_repr(repr).into();
    repr.zeroize();
    scalar
}

/// The number that `bytes` are, big-endian, modulo the order: a nonce may be longer than that.
fn reduce<C: PaceCurve>(bytes: &[u8]) -> Scalar<C> {
    let base = Scalar::<C>::from(256_u64);
    bytes.iter().fold(Scalar::<C>::default(), |sum, byte| {
        sum * base + Scalar::<C>::from(u64::from(*byte))
    })
}
