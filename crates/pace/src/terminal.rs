//! PACE, the terminal's side, ICAO 9303-11 §4.4 and TR-03110-3 §3.2: one type a step.
//!
//! ```text
//! Pace::select → Pace<Selected> → read_nonce → Pace<NonceRead> → map → Pace<Mapped>
//!     → agree → Pace<Agreed> → authenticate → SecureMessaging
//! ```

use core::marker::PhantomData;

use elliptic_curve::rand_core::TryCryptoRng;
use lichna_apdu::{Channel, Command, Framing, Instruction, Response, Status, exchange, tlv};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::cipher::BLOCK;
use crate::curve::Generator;
use crate::dynamic_data;
use crate::{
    MalformedObject, PaceError, PaceInfo, Password, PasswordKind, PrivateKey, PublicKey,
    SecureMessaging, Step, session::Session,
};

/// Longest nonce that is taken, in bytes: twice the longest key.
const LONGEST_NONCE: usize = 64;

/// Opens a channel with `password`: MSE:SET AT and four GENERAL AUTHENTICATE.
///
/// It goes on when the card warns that tries were spent. Who must not spend the last one looks at
/// [`Pace::tries_left`] first.
///
/// # Errors
/// [`PaceError`].
pub fn open<R: TryCryptoRng + ?Sized>(
    channel: &mut dyn Channel,
    info: &PaceInfo,
    password: Password<'_>,
    rng: &mut R,
) -> Result<SecureMessaging, PaceError> {
    Pace::select(channel, info, password.kind())?
        .read_nonce(channel, password)?
        .map(channel, rng)?
        .agree(channel, rng)?
        .authenticate(channel)
}

/// One run of PACE, as far as it has come.
pub struct Pace<S> {
    info: PaceInfo,
    kind: PasswordKind,
    /// Tries that the card said are left, when it was asked for the protocol.
    tries_left: Option<u8>,
    state: S,
}

/// The card has taken the protocol and the kind of password.
pub struct Selected(PhantomData<()>);
/// The nonce is decrypted.
pub struct NonceRead {
    nonce: Zeroizing<Vec<u8>>,
}
/// Both sides have the generator that the nonce maps to.
pub struct Mapped {
    generator: Generator,
}
/// Both sides have the session keys, if they know the same password.
pub struct Agreed {
    session: Session,
    ours: PublicKey,
    theirs: PublicKey,
}

impl Pace<Selected> {
    /// MSE:SET AT.
    ///
    /// # Errors
    /// [`PaceError::Blocked`], [`PaceError::NotActivated`], [`PaceError::Refused`].
    pub fn select(
        channel: &mut dyn Channel,
        info: &PaceInfo,
        kind: PasswordKind,
    ) -> Result<Self, PaceError> {
        let mut data = tlv::encode(0x80, info.protocol().as_bytes());
        data.extend(tlv::encode(0x83, &[kind.reference()]));
        if let Some(id) = info.parameter_id() {
            data.extend(tlv::encode(0x84, &[id]));
        }
        let command = Command::new(Instruction::ManageSecurityEnvironment, 0xC1, 0xA4).data(&data);
        let status = exchange(channel, &command, Framing::Short)?.status();
        let mut pace = Self {
            info: *info,
            kind,
            tries_left: None,
            state: Selected(PhantomData),
        };
        match status {
            Status::Success => Ok(pace),
            Status::VerificationFailed(Some(0)) => Err(PaceError::Blocked { kind }),
            // A warning: some tries were spent.
            Status::VerificationFailed(Some(left)) => {
                pace.tries_left = Some(left);
                Ok(pace)
            }
            refused => Err(pace.refused(Step::Select, refused)),
        }
    }

    /// GENERAL AUTHENTICATE, encrypted nonce. `password` is used now and not kept.
    ///
    /// # Errors
    /// [`PaceError::Suspended`] where the card does not take the last try here.
    pub fn read_nonce(
        self,
        channel: &mut dyn Channel,
        password: Password<'_>,
    ) -> Result<Pace<NonceRead>, PaceError> {
        let step = Step::Nonce;
        if password.kind() != self.kind {
            return Err(PaceError::OtherPassword {
                selected: self.kind,
                given: password.kind(),
            });
        }
        let encrypted = self.ask(channel, step, None, 0x80)?;
        let length = || malformed(step, MalformedObject::Length(0x80));
        if encrypted.is_empty() || encrypted.len() > LONGEST_NONCE {
            return Err(length());
        }
        let key = password.key(self.info.cipher());
        let nonce = key.decrypt(&[0; BLOCK], &encrypted).ok_or_else(length)?;
        Ok(self.go_on(NonceRead { nonce }))
    }
}

impl Pace<NonceRead> {
    /// GENERAL AUTHENTICATE, map nonce, by the generic mapping.
    ///
    /// # Errors
    /// [`PaceError::BadPoint`], [`PaceError::ReflectedKey`].
    pub fn map<R: TryCryptoRng + ?Sized>(
        self,
        channel: &mut dyn Channel,
        rng: &mut R,
    ) -> Result<Pace<Mapped>, PaceError> {
        let (private, theirs) = self.exchange_keys(
            channel,
            rng,
            Step::Map,
            &Generator::Standard(self.info.curve()),
        )?;
        let generator = private
            .map(&theirs.1, &self.state.nonce)
            .ok_or(PaceError::IdentityMapped)?;
        Ok(self.go_on(Mapped { generator }))
    }
}

impl Pace<Mapped> {
    /// GENERAL AUTHENTICATE, perform key agreement.
    ///
    /// # Errors
    /// [`PaceError::BadPoint`], [`PaceError::ReflectedKey`].
    pub fn agree<R: TryCryptoRng + ?Sized>(
        self,
        channel: &mut dyn Channel,
        rng: &mut R,
    ) -> Result<Pace<Agreed>, PaceError> {
        let (private, (ours, theirs)) =
            self.exchange_keys(channel, rng, Step::Agree, &self.state.generator)?;
        let shared = private.agree(&theirs).ok_or(PaceError::IdentityMapped)?;
        let session = Session::derive(self.info.cipher(), &shared);
        Ok(self.go_on(Agreed {
            session,
            ours,
            theirs,
        }))
    }
}

impl Pace<Agreed> {
    /// GENERAL AUTHENTICATE, mutual authentication: the card now says whether the password is
    /// right, and proves that it knows it too.
    ///
    /// # Errors
    /// [`PaceError::WrongPassword`], [`PaceError::WrongToken`].
    pub fn authenticate(self, channel: &mut dyn Channel) -> Result<SecureMessaging, PaceError> {
        let Agreed {
            session,
            ours,
            theirs,
        } = &self.state;
        let protocol = self.info.protocol();
        let token = session.token(protocol.as_bytes(), theirs.bytes());
        let answer = self.ask(channel, Step::Authenticate, Some((0x85, &token)), 0x86)?;
        let expected = session.token(protocol.as_bytes(), ours.bytes());
        if bool::from(expected.ct_eq(&answer)) {
            Ok(SecureMessaging::new(self.state.session))
        } else {
            Err(PaceError::WrongToken)
        }
    }
}

impl<S> Pace<S> {
    /// Tries left, where the card said so; `None` when none was spent, or there is no limit.
    #[must_use]
    pub const fn tries_left(&self) -> Option<u8> {
        self.tries_left
    }

    fn go_on<T>(self, state: T) -> Pace<T> {
        Pace {
            info: self.info,
            kind: self.kind,
            tries_left: self.tries_left,
            state,
        }
    }

    /// Sends a fresh public key on `generator` and takes the card's.
    #[allow(clippy::type_complexity, reason = "private, then both public keys")]
    fn exchange_keys<R: TryCryptoRng + ?Sized>(
        &self,
        channel: &mut dyn Channel,
        rng: &mut R,
        step: Step,
        generator: &Generator,
    ) -> Result<(PrivateKey, (PublicKey, PublicKey)), PaceError> {
        let (send, take) = match step {
            Step::Map => (0x81, 0x82),
            _ => (0x83, 0x84),
        };
        let curve = self.info.curve();
        let private = PrivateKey::generate(curve, rng)?;
        let ours = private.public_key_on(generator);
        let answer = self.ask(channel, step, Some((send, ours.bytes())), take)?;
        let theirs = PublicKey::parse(curve, &answer)
            .map_err(|error| PaceError::BadPoint { step, error })?;
        if theirs.is(&ours) {
            return Err(PaceError::ReflectedKey { step });
        }
        Ok((private, (ours, theirs)))
    }

    /// One GENERAL AUTHENTICATE: sends a data object and takes the one that answers it.
    fn ask(
        &self,
        channel: &mut dyn Channel,
        step: Step,
        send: Option<(u16, &[u8])>,
        take: u16,
    ) -> Result<Vec<u8>, PaceError> {
        let inside = send.map(|(tag, value)| tlv::encode(tag, value));
        let data = tlv::encode(0x7C, &inside.unwrap_or_default());
        let mut command = Command::new(Instruction::GeneralAuthenticate, 0, 0)
            .data(&data)
            .expect(0);
        if step != Step::Authenticate {
            command = command.linked();
        }
        let answer = exchange(channel, &command, Framing::Short)?;
        self.object(step, &answer, take)
    }

    fn object(&self, step: Step, answer: &Response, tag: u16) -> Result<Vec<u8>, PaceError> {
        match answer.status() {
            Status::Success => dynamic_data::only(answer.data(), tag)
                .map(<[u8]>::to_vec)
                .map_err(|object| malformed(step, object)),
            refused => Err(self.refused(step, refused)),
        }
    }

    /// What a status word other than success means in a step.
    fn refused(&self, step: Step, status: Status) -> PaceError {
        let kind = self.kind;
        match status {
            Status::VerificationFailed(tries_left) if step == Step::Authenticate => {
                PaceError::WrongPassword { kind, tries_left }
            }
            Status::AuthenticationMethodBlocked => PaceError::Blocked { kind },
            Status::ReferenceDataNotUsable => PaceError::NotActivated { kind },
            Status::ConditionsOfUseNotSatisfied if self.tries_left == Some(1) => {
                PaceError::Suspended { kind }
            }
            status => PaceError::Refused { step, status },
        }
    }
}

const fn malformed(step: Step, object: MalformedObject) -> PaceError {
    PaceError::Malformed { step, object }
}
