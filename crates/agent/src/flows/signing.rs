//! One signature with a key of a card: VERIFY and the signature in one transaction, after which the
//! card is reset. Logins and other programs' signatures are made so. Req C.2, C.3

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_card::{
    Card, KeyAlgorithm, KeyRef, LastTry, PinRef, PinStatus, Salt, Selected,
    SignatureScheme as CardScheme, Verified,
};
use lichna_ipc::Failure;
use lichna_pki::{KeyAlgorithm as CertifiedAlgorithm, SignatureAlgorithm};
use lichna_secret::Pin;
use time::OffsetDateTime;

use super::{ask, certificates, explained::date};
use crate::{
    cards::{CardCertificate, CardFault, CardSession, Chosen, Tally, Terms},
    pin_policy::{PinPolicy, is_wrong},
    tokens::KeptPin,
    uses::Using,
};

/// How long the card may take to check the PIN and sign.
pub const SIGNING: Duration = Duration::from_secs(20);

/// What a key is.
#[derive(Clone)]
pub struct Identity {
    /// Which key of the card.
    pub key: KeyRef,
    /// The PIN that opens it.
    pub pin: PinRef,
    /// What its certificate says it is.
    pub algorithm: KeyAlgorithm,
    /// Its certificate.
    pub certificate: Arc<CardCertificate>,
}

impl Identity {
    /// Of a key that this PIN opens, with a certificate that has not expired.
    ///
    /// # Errors
    /// [`Failure::CertificateExpired`], [`Failure::CertificateUnreadable`] for a kind of key that
    /// no card has, or why there is no certificate.
    pub async fn of(
        chosen: &Chosen,
        key: KeyRef,
        pin: PinRef,
        tally: &Tally,
    ) -> Result<Self, Failure> {
        let certificate = certificates::certificate(chosen, key, tally).await?;
        let not_after = certificate.parsed.not_after();
        if not_after < OffsetDateTime::now_utc() {
            return Err(Failure::CertificateExpired {
                date: date(not_after),
            });
        }
        let kind = certificate.parsed.key_algorithm();
        let unreadable = || Failure::CertificateUnreadable {
            key: key.to_string(),
            reason: format!("its key is {kind}"),
        };
        Ok(Self {
            key,
            pin,
            algorithm: algorithm(kind).ok_or_else(unreadable)?,
            certificate,
        })
    }
}

/// A key of a card that is in its reader.
#[derive(Clone)]
pub struct CardSigner {
    /// The card.
    pub chosen: Chosen,
    /// The key.
    pub identity: Identity,
    /// For whom the commands count.
    pub tally: Tally,
    /// What is to know of wrong PINs.
    pub policy: PinPolicy,
    /// For what.
    pub using: Using,
}

/// A PIN that was typed.
pub enum Given {
    /// For this signature alone: it is gone before the card begins to sign.
    Once(Option<Pin>),
    /// For this one and others.
    Kept {
        /// Where it is.
        pin: Arc<KeptPin>,
        /// There is no other after this one.
        last: bool,
    },
    /// At the reader's keypad: it does not come here.
    AtKeypad,
}

/// How a PIN is given to the card.
#[derive(Clone, Copy)]
pub struct Giving {
    /// Whether the last try may be spent.
    pub last_try: LastTry,
    /// What the card said of the PIN; `None`: it is asked.
    pub known: Option<PinStatus>,
}

impl Given {
    fn verify<'c>(
        &mut self,
        card: &'c mut Card<'_, Selected>,
        reference: PinRef,
        giving: Giving,
    ) -> Result<Card<'c, Verified>, CardFault> {
        let known = giving.known.as_ref();
        match self {
            Self::Once(pin) => {
                // Given already, and then the channel broke: it is not given twice.
                let given = pin.as_ref().ok_or(Failure::ChannelInterrupted)?;
                let verified = card.verify(reference, given, giving.last_try, known)?;
                *pin = None;
                Ok(verified)
            }
            Self::Kept { pin, last } => {
                let given = pin.take().ok_or(Failure::NotLoggedIn)?;
                let verified = card.verify(reference, &given, giving.last_try, known);
                if !*last {
                    pin.put_back(given);
                }
                Ok(verified?)
            }
            Self::AtKeypad => Ok(card.verify_on_pinpad(reference, giving.last_try, known)?),
        }
    }
}

impl CardSigner {
    /// Gives the card the PIN and has it do this, and nothing else until both are done.
    ///
    /// # Errors
    /// What the card said; [`Failure::NotLoggedIn`] when a kept PIN is there no more.
    pub async fn with_pin<T: Send + 'static>(
        &self,
        given: Given,
        giving: Giving,
        deadline: Instant,
        work: impl FnMut(&mut Card<'_, Verified>) -> Result<T, CardFault> + Send + 'static,
    ) -> Result<T, Failure> {
        let opening = Opening {
            chosen: self.chosen.clone(),
            pin: self.identity.pin,
            tally: self.tally.clone(),
            policy: self.policy.clone(),
        };
        let (chosen, identity) = (self.chosen.clone(), self.identity.clone());
        let using = self.using.clone();
        // Also when nobody waits for it any more.
        let told = move |failure| using.note(&chosen, &identity, failure);
        opening.and_tell(given, giving, deadline, work, told).await
    }
}

/// A PIN of a card that is in its reader, whatever it opens.
#[derive(Clone)]
pub struct Opening {
    /// The card.
    pub chosen: Chosen,
    /// The PIN.
    pub pin: PinRef,
    /// For whom the commands count.
    pub tally: Tally,
    /// What is to know of wrong PINs.
    pub policy: PinPolicy,
}

impl Opening {
    /// Gives the card the PIN and has it do this, and nothing else until both are done.
    ///
    /// # Errors
    /// What the card said; [`Failure::NotLoggedIn`] when a kept PIN is there no more.
    pub async fn with_pin<T: Send + 'static>(
        self,
        given: Given,
        giving: Giving,
        deadline: Instant,
        work: impl FnMut(&mut Card<'_, Verified>) -> Result<T, CardFault> + Send + 'static,
    ) -> Result<T, Failure> {
        self.and_tell(given, giving, deadline, work, |_| ()).await
    }

    /// The same; `told` is told whether it failed, as soon as the card has answered.
    async fn and_tell<T: Send + 'static>(
        self,
        mut given: Given,
        giving: Giving,
        deadline: Instant,
        mut work: impl FnMut(&mut Card<'_, Verified>) -> Result<T, CardFault> + Send + 'static,
        told: impl FnOnce(Option<Failure>) + Send + 'static,
    ) -> Result<T, Failure> {
        let Self {
            chosen,
            pin,
            tally,
            policy,
        } = self;
        let thread = chosen.thread.clone();
        let at_keypad = matches!(given, Given::AtKeypad);
        let job = move |session: &mut CardSession| {
            let card = &chosen.known;
            let terms = Terms {
                // A person types while the card waits.
                awake: at_keypad,
                ..Terms::resetting(deadline, &tally)
            };
            let said = session.transaction(card, &terms, |held| {
                let again = held.again();
                let mut selected = held.card(card)?;
                if again {
                    let before = giving.known.as_ref().ok_or(Failure::ChannelInterrupted)?;
                    ask::unspent(&mut selected, card, before)?;
                }
                let mut verified = given.verify(&mut selected, pin, giving)?;
                work(&mut verified)
            });
            if !at_keypad {
                policy.judge(&chosen.card.insertion, &said);
                if said.as_ref().is_err_and(is_wrong) {
                    card.for_programs().doubt();
                }
            }
            card.pin_was_given(pin, said.as_ref().err());
            told(said.as_ref().err().cloned());
            said
        };
        thread.run(deadline, job).await
    }
}

/// Fresh random bytes for a signature.
///
/// # Errors
/// When the system has none.
pub fn salt() -> Result<Salt, CardFault> {
    let mut random = [0; 64];
    getrandom::fill(&mut random).map_err(|error| {
        CardFault::Failure(Failure::CardMalformed {
            what: error.to_string(),
        })
    })?;
    Ok(Salt::new(random))
}

/// The kind of key that a certificate names, as cards know kinds.
pub fn algorithm(algorithm: &CertifiedAlgorithm) -> Option<KeyAlgorithm> {
    Some(match algorithm {
        CertifiedAlgorithm::EcP256 => KeyAlgorithm::EcP256,
        CertifiedAlgorithm::EcP384 => KeyAlgorithm::EcP384,
        CertifiedAlgorithm::Rsa { bits: 2048 } => KeyAlgorithm::Rsa2048,
        CertifiedAlgorithm::Rsa { bits: 3072 } => KeyAlgorithm::Rsa3072,
        CertifiedAlgorithm::Rsa { bits: 4096 } => KeyAlgorithm::Rsa4096,
        _ => return None,
    })
}

/// How a card signed, as certificates and requests name it.
///
/// # Errors
/// [`Failure::CardMalformed`] for what none of them names.
pub fn signature_algorithm(scheme: CardScheme) -> Result<SignatureAlgorithm, CardFault> {
    Ok(match scheme {
        CardScheme::EcdsaSecp256r1Sha256 => SignatureAlgorithm::EcdsaSha256,
        CardScheme::EcdsaSecp384r1Sha384 => SignatureAlgorithm::EcdsaSha384,
        CardScheme::RsaPkcs1Sha256 => SignatureAlgorithm::RsaPkcs1Sha256,
        CardScheme::RsaPssRsaeSha256 => SignatureAlgorithm::RsaPssSha256,
        other => {
            return Err(CardFault::Failure(Failure::CardMalformed {
                what: other.name().to_owned(),
            }));
        }
    })
}
