//! PACE, the card's side, ICAO 9303-11 §4.4: one type a step.

use elliptic_curve::rand_core::TryCryptoRng;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::chip::Messaging;
use crate::cipher::{BLOCK, Key, MAC, Purpose};
use crate::curve::Generator;
use crate::dynamic_data;
use crate::session::Session as Keys;
use crate::{MalformedObject, PaceInfo, PointError, PrivateKey, PublicKey, RandomError};

/// Why a card does not go on with PACE. The run is over; it begins again with MSE:SET AT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The data of GENERAL AUTHENTICATE.
    #[error("the data is malformed: {0}")]
    Malformed(MalformedObject),
    /// The terminal's public key.
    #[error("the terminal's public key is {0}")]
    BadPoint(#[from] PointError),
    /// The terminal sent the card's own public key back.
    #[error("the terminal reflected the public key")]
    ReflectedKey,
    /// Nonce and keys map to the point at infinity.
    #[error("the nonce maps to the point at infinity")]
    IdentityMapped,
    /// The terminal's token: it used another password.
    #[error("the terminal's token is wrong")]
    WrongToken,
    /// Random numbers could not be had.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// GENERAL AUTHENTICATE without MSE:SET AT before it, or after the run was over.
    #[error("no PACE was begun")]
    NotBegun,
}

impl Refusal {
    /// SW1 SW2 for it: 6300 for a wrong token. A card that counts tries makes 63Cx of that.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::WrongToken => 0x6300,
            Self::NotBegun => 0x6985,
            Self::Random(_) => 0x6F00,
            _ => 0x6A80,
        }
    }
}

/// One run of PACE, as far as it has come.
pub struct Pace<S> {
    info: PaceInfo,
    state: S,
}

/// MSE:SET AT was taken.
pub struct Begun {
    password: Key,
}
/// The nonce was given.
pub struct NonceGiven {
    nonce: Zeroizing<Vec<u8>>,
}
/// Both sides have the generator that the nonce maps to.
pub struct Mapped {
    generator: Generator,
}
/// Both sides have the session keys, if they know the same password.
pub struct Agreed {
    keys: Keys,
    ours: PublicKey,
    theirs: PublicKey,
}

impl Pace<Begun> {
    /// Begins with the characters of a password (of the machine readable zone: its hash).
    #[must_use]
    pub fn begin(info: &PaceInfo, password: &[u8]) -> Self {
        Self {
            info: *info,
            state: Begun {
                password: info.cipher().derive(password, Purpose::Password),
            },
        }
    }

    /// The first GENERAL AUTHENTICATE, `7C 00`: gives a fresh nonce, encrypted.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn give_nonce<R: TryCryptoRng + ?Sized>(
        self,
        data: &[u8],
        rng: &mut R,
    ) -> Result<(Pace<NonceGiven>, Vec<u8>), Refusal> {
        if !dynamic_data::is_empty(data).map_err(Refusal::Malformed)? {
            return Err(Refusal::Malformed(MalformedObject::Length(0x7C)));
        }
        let mut nonce = Zeroizing::new(vec![0; BLOCK]);
        rng.try_fill_bytes(&mut nonce).map_err(|_| RandomError)?;
        let encrypted = self.state.password.encrypt(&[0; BLOCK], &nonce);
        let next = Pace {
            info: self.info,
            state: NonceGiven { nonce },
        };
        Ok((next, dynamic_data::wrap(0x80, &encrypted)))
    }
}

impl Pace<NonceGiven> {
    /// The second, `7C {81}`: maps the nonce.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn map<R: TryCryptoRng + ?Sized>(
        self,
        data: &[u8],
        rng: &mut R,
    ) -> Result<(Pace<Mapped>, Vec<u8>), Refusal> {
        let generator = Generator::Standard(self.info.curve());
        let (private, ours, theirs) = keys(data, 0x81, &generator, rng)?;
        let generator = private
            .map(&theirs, &self.state.nonce)
            .ok_or(Refusal::IdentityMapped)?;
        let next = Pace {
            info: self.info,
            state: Mapped { generator },
        };
        Ok((next, dynamic_data::wrap(0x82, ours.bytes())))
    }
}

impl Pace<Mapped> {
    /// The third, `7C {83}`: agrees on keys.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn agree<R: TryCryptoRng + ?Sized>(
        self,
        data: &[u8],
        rng: &mut R,
    ) -> Result<(Pace<Agreed>, Vec<u8>), Refusal> {
        let (private, ours, theirs) = keys(data, 0x83, &self.state.generator, rng)?;
        let shared = private.agree(&theirs).ok_or(Refusal::IdentityMapped)?;
        let answer = dynamic_data::wrap(0x84, ours.bytes());
        let next = Pace {
            info: self.info,
            state: Agreed {
                keys: Keys::derive(self.info.cipher(), &shared),
                ours,
                theirs,
            },
        };
        Ok((next, answer))
    }
}

impl Pace<Agreed> {
    /// The last, `7C {85}`: checks the terminal's token and gives the card's.
    /// The answer goes out before the channel stands.
    ///
    /// # Errors
    /// [`Refusal::WrongToken`] is a wrong password.
    pub fn authenticate(self, data: &[u8]) -> Result<(Messaging, Vec<u8>), Refusal> {
        let Agreed { keys, ours, theirs } = self.state;
        let token = dynamic_data::only(data, 0x85).map_err(Refusal::Malformed)?;
        if token.len() != MAC {
            return Err(Refusal::Malformed(MalformedObject::Length(0x85)));
        }
        let protocol = self.info.protocol();
        let expected = keys.token(protocol.as_bytes(), ours.bytes());
        if !bool::from(expected.ct_eq(token)) {
            return Err(Refusal::WrongToken);
        }
        let answer = keys.token(protocol.as_bytes(), theirs.bytes());
        Ok((Messaging::new(keys), dynamic_data::wrap(0x86, &answer)))
    }
}

/// Takes the terminal's public key, and makes ours.
fn keys<R: TryCryptoRng + ?Sized>(
    data: &[u8],
    tag: u16,
    generator: &Generator,
    rng: &mut R,
) -> Result<(PrivateKey, PublicKey, PublicKey), Refusal> {
    let curve = generator.curve();
    let theirs = dynamic_data::only(data, tag).map_err(Refusal::Malformed)?;
    let theirs = PublicKey::parse(curve, theirs)?;
    let private = PrivateKey::generate(curve, rng)?;
    let ours = private.public_key_on(generator);
    if theirs.is(&ours) {
        return Err(Refusal::ReflectedKey);
    }
    Ok((private, ours, theirs))
}

/// Which GENERAL AUTHENTICATE is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// `7C {}`
    Nonce,
    /// `7C {81}`
    Map,
    /// `7C {83}`
    Agree,
    /// `7C {85}`: here a card counts a try.
    Authenticate,
    /// None: MSE:SET AT has to come first.
    Over,
}

/// What a card answers to one GENERAL AUTHENTICATE.
pub struct Answer {
    /// The data field; the status word is 9000.
    pub data: Vec<u8>,
    /// The channel that stands once the answer is sent, after the last step.
    pub channel: Option<Messaging>,
}

/// A run of PACE in between two commands, whichever step it is at.
pub struct Session(At);

enum At {
    Begun(Pace<Begun>),
    NonceGiven(Pace<NonceGiven>),
    Mapped(Pace<Mapped>),
    Agreed(Pace<Agreed>),
    Over,
}

impl Session {
    /// Begins with the characters of a password (of the machine readable zone: its hash).
    #[must_use]
    pub fn begin(info: &PaceInfo, password: &[u8]) -> Self {
        Self(At::Begun(Pace::begin(info, password)))
    }

    /// The step that comes next.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match self.0 {
            At::Begun(_) => Stage::Nonce,
            At::NonceGiven(_) => Stage::Map,
            At::Mapped(_) => Stage::Agree,
            At::Agreed(_) => Stage::Authenticate,
            At::Over => Stage::Over,
        }
    }

    /// Answers one GENERAL AUTHENTICATE with this data field.
    ///
    /// # Errors
    /// [`Refusal`]; the run is over then.
    pub fn general_authenticate<R: TryCryptoRng + ?Sized>(
        &mut self,
        data: &[u8],
        rng: &mut R,
    ) -> Result<Answer, Refusal> {
        let (next, data, channel) = match core::mem::replace(&mut self.0, At::Over) {
            At::Begun(pace) => {
                let (next, data) = pace.give_nonce(data, rng)?;
                (At::NonceGiven(next), data, None)
            }
            At::NonceGiven(pace) => {
                let (next, data) = pace.map(data, rng)?;
                (At::Mapped(next), data, None)
            }
            At::Mapped(pace) => {
                let (next, data) = pace.agree(data, rng)?;
                (At::Agreed(next), data, None)
            }
            At::Agreed(pace) => {
                let (channel, data) = pace.authenticate(data)?;
                (At::Over, data, Some(channel))
            }
            At::Over => return Err(Refusal::NotBegun),
        };
        self.0 = next;
        Ok(Answer { data, channel })
    }
}
