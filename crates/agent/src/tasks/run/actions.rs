//! The actions of a task.

use lichna_card::KeyRef;
use lichna_ipc::{Failure, Step, TaskKind};
use lichna_pki::{Certificate, KeyFault, PublicKey, RequestError, RequestInfo, read_bundle};

use super::{
    super::{
        card,
        core::{Action, Course, Event, Part},
        record::{Bytes, Keys, Pair},
    },
    Run, timed,
};
use crate::{
    authority::{
        Application, Call, Confirmation, Confirmed, Issued, Requests, from_base64, to_base64,
    },
    flows::signing::{SIGNING, salt, signature_algorithm},
};

/// PKCS#10 in EST, RFC 7030 §4.2.1.
const PKCS10: &str = "application/pkcs10";
/// The state of an application with certificates that are not confirmed.
const CERTIFIED: &str = "GENERATED_CERTIFICATE";

impl Run<'_> {
    /// Does an action; says what came of it.
    pub async fn act(&mut self, action: Action) -> Result<Event, Failure> {
        match action {
            Action::Introduce => timed!(self, Step::AskAuthority, self.introduce().await),
            Action::Generate => {
                self.agree().await?;
                timed!(self, Step::GenerateKeys, self.generate().await)
            }
            Action::Sign => {
                self.agree().await?;
                timed!(self, Step::SignRequests, self.sign().await)
            }
            Action::Announce => Ok(Event::Announced),
            Action::Submit => timed!(self, Step::IssueCertificates, self.submit().await),
            Action::Write => timed!(self, Step::WriteCertificates, self.write().await),
            Action::ReadBack => timed!(self, Step::ReadBack, self.read_back().await),
            Action::Activate => timed!(self, Step::ActivateCertificates, self.activate().await),
            Action::Confirm => {
                self.agree().await?;
                timed!(self, Step::Confirm, self.confirm().await)
            }
            Action::Complete => self.complete().await,
            Action::TakeBack => timed!(self, Step::RollBack, self.take_back().await),
        }
    }

    async fn introduce(&mut self) -> Result<Event, Failure> {
        if self.record.kind == TaskKind::Renew {
            let mut renewal = match self.begin_renewal().await {
                // What should vouch is not what the authority knows.
                Err(Failure::CertificateKeyMismatch { .. })
                    if self.record.part == Some(Part::Identification) =>
                {
                    return Ok(Event::KeysLost);
                }
                begun => begun?,
            };
            if renewal.state == CERTIFIED {
                // For keys that the card has no more.
                self.withdraw(&renewal.renewal).await?;
                renewal = self.begin_renewal().await?;
            }
            self.is_certified(&renewal.key_algorithms)?;
            self.record.application = Some(renewal.renewal);
            self.record.rnu = renewal.rnu;
            self.record.deadline = renewal.deadline;
            self.record.subject = Some(renewal.subject);
            self.record.holder()?;
            return Ok(Event::Introduced);
        }
        let path = self.path("")?;
        let id = self.record.application.clone();
        let call = Call::get(&path)
            .with_code(self.code.as_ref())
            .about(id.as_deref(), Some(&self.record.card));
        let application: Application = self.plain.call(call).await?;
        if application.state == "DENIED" {
            return Ok(Event::Denied);
        }
        if let Some(card) = application.card.filter(|card| *card != self.record.card) {
            return Err(Failure::OtherCard {
                expected: card,
                found: self.record.card.clone(),
            });
        }
        self.is_certified(&application.key_algorithms)?;
        let subject = application.subject;
        self.record.subject = Some(subject.ok_or_else(|| Failure::AuthorityMalformed {
            host: self.plain.host().to_owned(),
            what: "an application without a subject".into(),
        })?);
        self.record.rnu = application.rnu;
        self.record.deadline = application.deadline;
        self.record.holder()?;
        Ok(Event::Introduced)
    }

    /// What would not be certified is not made: it might cost the holder what he has.
    fn is_certified(&mut self, certified: &[String]) -> Result<(), Failure> {
        let wanted = self.record.wanted.as_deref();
        let places = self.new_places()?;
        let kind = card::algorithm(&self.place.chosen, &places, wanted, certified)?;
        self.record.wanted = Some(kind.name().to_owned());
        Ok(())
    }

    /// The places for the new keys.
    fn new_places(&self) -> Result<Pair<KeyRef>, Failure> {
        if let Some(keys) = &self.record.keys {
            return Ok(keys.places.map(KeyRef::new));
        }
        let places = card::places(&self.place.chosen)?;
        Ok(match self.record.part {
            Some(part) => Pair::only(part, *self.there(places.of(part))?),
            None => places,
        })
    }

    async fn generate(&mut self) -> Result<Event, Failure> {
        let chosen = &self.place.chosen;
        let places = self.new_places()?;
        let algorithm = card::algorithm(chosen, &places, self.record.wanted.as_deref(), &[])?;
        let made = self.administrate(move |card| {
            places.try_map(|_, place| Ok(card.generate_key(place, algorithm)?))
        });
        let made = made.await?;
        for (part, made) in made.each() {
            let unfit = |reason: String| Failure::WeakKey {
                key: places.of(part).map(ToString::to_string).unwrap_or_default(),
                reason,
            };
            let made = PublicKey::parse(made).map_err(|error| unfit(error.to_string()))?;
            // Req 14.1.6: what is not fit never leaves.
            let checked: Result<(), KeyFault> = made.check_quality();
            checked.map_err(|fault| unfit(fault.to_string()))?;
        }
        self.record.keys = Some(Keys {
            places: places.map(KeyRef::byte),
            algorithm: algorithm.name().to_owned(),
            public: made.map(Bytes),
        });
        Ok(Event::Generated)
    }

    async fn sign(&mut self) -> Result<Event, Failure> {
        let keys = self.there(self.record.keys.as_ref())?.clone();
        let subject = self.record.holder()?.subject();
        let algorithm = card::named(&self.place.chosen, &keys.algorithm)?;
        let malformed = |what: String| Failure::CardMalformed { what };
        let infos = keys.public.try_map(|_, public| {
            let key = PublicKey::parse(&public.0).map_err(|error| malformed(error.to_string()))?;
            let info = RequestInfo::new(&subject, &key);
            Ok::<_, Failure>((info.map_err(|error| malformed(error.to_string()))?, key))
        })?;
        let messages = infos.as_ref().try_map(|part, (info, _)| {
            let place = KeyRef::new(*self.there(keys.places.of(part))?);
            Ok::<_, Failure>((place, info.to_be_signed().to_vec()))
        })?;
        let opening = self.opening(&keys.places)?;
        let pin = self.pin.as_ref().ok_or(Failure::NotLoggedIn)?;
        let deadline = std::time::Instant::now() + SIGNING;
        let signed = opening.with_pin(pin.given(), pin.giving(), deadline, move |card| {
            messages.as_ref().try_map(|_, (place, message)| {
                Ok(card.sign_message(*place, algorithm, message, &salt()?)?)
            })
        });
        let signed = match signed.await {
            Err(Failure::NotLoggedIn) => {
                self.pin = None;
                // It is asked for again: the state stays.
                self.agree().await?;
                return Box::pin(self.sign()).await;
            }
            Err(Failure::KeyUnknown { .. }) => return Ok(Event::KeysLost),
            signed => signed?,
        };
        let requests = infos.try_map(|part, (info, key)| {
            let (scheme, signature) = self.there(signed.of(part))?;
            let algorithm = signature_algorithm(*scheme).map_err(|fault| {
                crate::cards::from_card(self.place.chosen.thread.reader(), fault)
            })?;
            let verified = key.verify_message(algorithm, info.to_be_signed(), signature);
            verified.map_err(|_| Failure::CertificateKeyMismatch {
                key: format!("{part:?}"),
            })?;
            let request: Result<_, RequestError> = info.signed(algorithm, signature);
            request
                .map(Bytes)
                .map_err(|error| malformed(error.to_string()))
        });
        if let Err(Failure::CertificateKeyMismatch { .. }) = requests {
            // Another program had a key made in its place.
            return Ok(Event::KeysLost);
        }
        self.record.requests = Some(requests?);
        Ok(Event::Signed)
    }

    async fn submit(&mut self) -> Result<Event, Failure> {
        let (certificates, chain) = match self.record.course() {
            Course::Beside => self.submit_by_est().await?,
            Course::First | Course::InPlace(_) => self.submit_to_application().await?,
        };
        self.check_issued(&certificates)?;
        self.record.certificates = Some(certificates.map(Bytes));
        self.record.chain = chain.into_iter().map(Bytes).collect();
        Ok(Event::Issued)
    }

    async fn submit_to_application(&mut self) -> Result<(Pair<Vec<u8>>, Vec<Vec<u8>>), Failure> {
        let requests = self.there(self.record.requests.as_ref())?;
        let of = |part| {
            requests
                .of(part)
                .map(|request: &Bytes| to_base64(&request.0))
        };
        let body = Requests {
            identification: of(Part::Identification),
            signing: of(Part::Signing),
        };
        let path = self.path("/requests")?;
        let (id, card) = (self.record.application.clone(), self.record.card.clone());
        let call = Call::post(&path).json(&body)?;
        let call = call.about(id.as_deref(), Some(&card));
        let issued: Issued = if self.record.is_by_code() {
            self.have_code().await?;
            self.plain.call(call.with_code(self.code.as_ref())).await?
        } else {
            self.holders(call).await?
        };
        let certificates = Pair {
            identification: issued.identification,
            signing: issued.signing,
        };
        Ok((certificates, issued.chain))
    }

    /// Simple re-enrolment, RFC 7030 §4.2.2, for each key.
    async fn submit_by_est(&mut self) -> Result<(Pair<Vec<u8>>, Vec<Vec<u8>>), Failure> {
        let requests = self.there(self.record.requests.as_ref())?.clone();
        let host = self.plain.host().to_owned();
        let mut found = Vec::new();
        for (part, request) in requests.each() {
            let path = match part {
                Part::Identification => "/.well-known/est/simplereenroll",
                Part::Signing => "/.well-known/est/signing/simplereenroll",
            };
            let body = to_base64(&request.0).into_bytes();
            let call = Call::post(path).bytes(PKCS10, body);
            let answer = self.holders_raw(call).await?;
            let bundle = from_base64(&host, &answer)?;
            let bundle = read_bundle(&bundle).map_err(|error| Failure::AuthorityMalformed {
                host: host.clone(),
                what: error.to_string(),
            })?;
            found.extend(bundle);
        }
        let keys = self.there(self.record.keys.as_ref())?;
        let certificates = keys.public.as_ref().try_map(|_, key| {
            let of_key = found.iter().find(|one| one.spki_der() == key.0);
            of_key.ok_or_else(|| Failure::WrongCertificateIssued {
                what: "no certificate for a key".into(),
            })
        })?;
        let above = certificates.each().next().map(|(_, one)| one.chain(&found));
        let above = above.unwrap_or_default();
        let chain = above.into_iter().map(|one| one.der().to_vec()).collect();
        Ok((certificates.map(|one| one.der().to_vec()), chain))
    }

    /// The certificates are for these keys and this holder. Req 14.1.7
    fn check_issued(&self, issued: &Pair<Vec<u8>>) -> Result<(), Failure> {
        let keys = self.there(self.record.keys.as_ref())?;
        let holder = self.record.holder()?;
        let wrong = |what: &str| Failure::WrongCertificateIssued { what: what.into() };
        for (part, key) in keys.public.each() {
            let der = issued.of(part).ok_or_else(|| wrong("it is missing"))?;
            let parsed = Certificate::parse(der);
            let parsed = parsed.map_err(|error| wrong(&error.to_string()))?;
            if parsed.spki_der() != key.0 {
                return Err(wrong("it is for another key"));
            }
            let identifier = parsed.holder_identifier();
            if identifier.and_then(|one| one.electronic()) != Some(holder.identifier()) {
                return Err(wrong("it is for somebody else"));
            }
        }
        Ok(())
    }

    async fn write(&mut self) -> Result<Event, Failure> {
        let keys = self.there(self.record.keys.as_ref())?.clone();
        let issued = self.there(self.record.certificates.as_ref())?.clone();
        let chain = self.record.chain.clone();
        let places = self.new_places()?;
        let algorithm = card::named(&self.place.chosen, &keys.algorithm)?;
        let with_chain = self.place.chosen.known.profile().chain().is_some() && !chain.is_empty();
        let written = self.administrate(move |card| {
            for (part, place) in places.each() {
                match card.read_public_key(*place, algorithm) {
                    Ok(there) if keys.public.of(part).is_some_and(|key| key.0 == there) => {}
                    // Where such cards do not tell it, the confirmation proves the key.
                    Err(lichna_card::CardError::NotInProfile { .. }) => {}
                    Ok(_) | Err(lichna_card::CardError::KeyMissing { .. }) => return Ok(false),
                    Err(error) => return Err(error.into()),
                }
            }
            for (part, place) in places.each() {
                if let Some(der) = issued.of(part) {
                    card.write_certificate(*place, &der.0)?;
                }
            }
            if with_chain {
                let above: Vec<_> = chain.iter().map(|one| one.0.as_slice()).collect();
                card.write_chain(&above)?;
            }
            Ok(true)
        });
        Ok(if written.await? {
            Event::Written
        } else {
            Event::KeysLost
        })
    }

    async fn read_back(&mut self) -> Result<Event, Failure> {
        let places = self.new_places()?;
        let issued = self.there(self.record.certificates.as_ref())?;
        let (read, _) = card::read(&self.place.chosen, &self.tally, places).await?;
        let same = read.map(|there| there.map(Bytes)) == issued.clone().map(Some);
        Ok(if same { Event::Same } else { Event::Differs })
    }

    async fn activate(&mut self) -> Result<Event, Failure> {
        let places = self.new_places()?;
        let (_, used) = card::read(&self.place.chosen, &self.tally, places).await?;
        if !used {
            let activated = self.administrate(move |card| {
                places.try_map(|_, place| card.activate(place))?;
                Ok(())
            });
            activated.await?;
        }
        // What was known of the card is not so any more.
        let again = self.agent.cards.read_anew(&self.place.chosen).await?;
        self.place.chosen = again;
        Ok(Event::Activated)
    }

    async fn confirm(&mut self) -> Result<Event, Failure> {
        let named = Confirmation {
            application: self.record.application.clone(),
        };
        let call = Call::post("/v1/confirmation");
        let (by_new_key, call) = match self.record.part {
            // The key that identifies is not the one that is new.
            Some(Part::Signing) => (false, call.json(&named)?),
            _ => (true, call),
        };
        let confirmed: Confirmed = match self.holders(call).await {
            // Another program had a key made in its place.
            Err(Failure::CertificateKeyMismatch { .. }) if by_new_key => {
                return Ok(Event::KeysLost);
            }
            confirmed => confirmed?,
        };
        match confirmed.state.as_str() {
            "COMPLETED" => Ok(Event::Confirmed),
            _ => Err(Failure::NotConfirmed),
        }
    }

    async fn complete(&mut self) -> Result<Event, Failure> {
        // Of one key alone the confirmation has said so.
        if self.record.course() == Course::Beside {
            let call = Call::post("/v1/holder/renewal/completed");
            timed!(self, Step::AskAuthority, self.holders_raw(call).await)?;
        }
        Ok(Event::Completed)
    }

    async fn take_back(&mut self) -> Result<Event, Failure> {
        if let (Some(_), Some(application)) = (&self.code, self.record.application.clone())
            && let Err(failure) = self.withdraw(&application).await
        {
            tracing::info!(%failure, "the authority finds out by its deadline");
        }
        Ok(Event::TakenBack)
    }
}
