//! The actions of a task.

use lichna_card::KeyRef;
use lichna_ipc::{Failure, Step, TaskKind};
use lichna_pki::{Certificate, KeyFault, PublicKey, RequestError, RequestInfo, read_bundle};

use super::{
    super::{
        card,
        core::{Action, Event},
        record::{Bytes, Keys, Pair, present},
    },
    Run, timed,
};
use crate::{
    authority::{Application, Call, Confirmed, Issued, Renewal, Requests, from_base64, to_base64},
    flows::signing::{SIGNING, salt, signature_algorithm},
};

/// PKCS#10 in EST, RFC 7030 §4.2.1.
const PKCS10: &str = "application/pkcs10";
/// What an application is given up for.
const GIVEN_UP: &str = "given-up";

/// Why an application is given up.
#[derive(serde::Serialize)]
struct Withdrawal {
    reason: &'static str,
}

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
            let renewal: Renewal = self.holders(Call::post("/v1/holder/renewal")).await?;
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
        // What would not be certified is not made: it might cost the holder what he has.
        let chosen = &self.place.chosen;
        let wanted = self.record.wanted.as_deref();
        let certified = &application.key_algorithms;
        let kind = card::algorithm(chosen, &card::places(chosen)?, wanted, certified)?;
        self.record.wanted = Some(kind.name().to_owned());
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

    async fn generate(&mut self) -> Result<Event, Failure> {
        let chosen = &self.place.chosen;
        let places = card::places(chosen)?;
        let algorithm = card::algorithm(chosen, &places, self.record.wanted.as_deref(), &[])?;
        let (one, other) = (places.identification, places.signing);
        let made = self.administrate(move |card| {
            Ok((
                card.generate_key(one, algorithm)?,
                card.generate_key(other, algorithm)?,
            ))
        });
        let (identification, signing) = made.await?;
        for (key, made) in [(one, &identification), (other, &signing)] {
            let unfit = |reason: String| Failure::WeakKey {
                key: key.to_string(),
                reason,
            };
            let made = PublicKey::parse(made).map_err(|error| unfit(error.to_string()))?;
            // Req 14.1.6: what is not fit never leaves.
            let checked: Result<(), KeyFault> = made.check_quality();
            checked.map_err(|fault| unfit(fault.to_string()))?;
        }
        self.record.keys = Some(Keys {
            places: Pair {
                identification: one.byte(),
                signing: other.byte(),
            },
            algorithm: algorithm.name().to_owned(),
            public: Pair {
                identification: Bytes(identification),
                signing: Bytes(signing),
            },
        });
        Ok(Event::Generated)
    }

    async fn sign(&mut self) -> Result<Event, Failure> {
        let keys = present(self.record.keys.as_ref(), &self.record.id)?.clone();
        let subject = self.record.holder()?.subject();
        let algorithm = card::named(&self.place.chosen, &keys.algorithm)?;
        let info = |public: &Bytes| -> Result<(RequestInfo, PublicKey), Failure> {
            let malformed = |what: String| Failure::CardMalformed { what };
            let key = PublicKey::parse(&public.0).map_err(|error| malformed(error.to_string()))?;
            let info = RequestInfo::new(&subject, &key);
            Ok((info.map_err(|error| malformed(error.to_string()))?, key))
        };
        let (one, one_key) = info(&keys.public.identification)?;
        let (other, other_key) = info(&keys.public.signing)?;
        let places = (
            KeyRef::new(keys.places.identification),
            KeyRef::new(keys.places.signing),
        );
        let messages = (one.to_be_signed().to_vec(), other.to_be_signed().to_vec());
        let opening = self.opening(&keys.places)?;
        let pin = self.pin.as_ref().ok_or(Failure::NotLoggedIn)?;
        let deadline = std::time::Instant::now() + SIGNING;
        let signed = opening.with_pin(pin.given(), pin.giving(), deadline, move |card| {
            // A PIV card wants the PIN directly before it signs with the key for documents.
            let other = card.sign_message(places.1, algorithm, &messages.1, &salt()?)?;
            let one = card.sign_message(places.0, algorithm, &messages.0, &salt()?)?;
            Ok((one, other))
        });
        let ((scheme, signature), (other_scheme, other_signature)) = match signed.await {
            Err(Failure::NotLoggedIn) => {
                self.pin = None;
                // It is asked for again: the state stays.
                self.agree().await?;
                return Box::pin(self.sign()).await;
            }
            Err(Failure::KeyUnknown { .. }) => return Ok(Event::KeysLost),
            signed => signed?,
        };
        let request = |info: RequestInfo, key: &PublicKey, scheme, signature: &[u8]| {
            let algorithm = signature_algorithm(scheme).map_err(|fault| {
                crate::cards::from_card(self.place.chosen.thread.reader(), fault)
            })?;
            if key
                .verify_message(algorithm, info.to_be_signed(), signature)
                .is_err()
            {
                return Ok(None);
            }
            let request: Result<_, RequestError> = info.signed(algorithm, signature);
            request.map(Some).map_err(|error| Failure::CardMalformed {
                what: error.to_string(),
            })
        };
        let one = request(one, &one_key, scheme, &signature)?;
        let other = request(other, &other_key, other_scheme, &other_signature)?;
        let (Some(one), Some(other)) = (one, other) else {
            // Another program had a key made in its place.
            return Ok(Event::KeysLost);
        };
        self.record.requests = Some(Pair {
            identification: Bytes(one),
            signing: Bytes(other),
        });
        Ok(Event::Signed)
    }

    async fn submit(&mut self) -> Result<Event, Failure> {
        let issued = match self.record.kind {
            TaskKind::Enrol => self.submit_with_code().await?,
            TaskKind::Renew => self.submit_by_est().await?,
        };
        self.check_issued(&issued)?;
        self.record.certificates = Some(Pair {
            identification: Bytes(issued.identification),
            signing: Bytes(issued.signing),
        });
        self.record.chain = issued.chain.into_iter().map(Bytes).collect();
        Ok(Event::Issued)
    }

    async fn submit_with_code(&mut self) -> Result<Issued, Failure> {
        let requests = present(self.record.requests.as_ref(), &self.record.id)?;
        let body = Requests {
            identification: to_base64(&requests.identification.0),
            signing: to_base64(&requests.signing.0),
        };
        let path = self.path("/requests")?;
        let id = self.record.application.clone();
        let call = Call::post(&path)
            .json(&body)?
            .with_code(self.code.as_ref())
            .about(id.as_deref(), Some(&self.record.card));
        self.plain.call(call).await
    }

    /// Simple re-enrolment, RFC 7030 §4.2.2, for each key.
    async fn submit_by_est(&mut self) -> Result<Issued, Failure> {
        let requests = present(self.record.requests.as_ref(), &self.record.id)?.clone();
        let host = self.plain.host().to_owned();
        let mut found = Vec::new();
        for (path, request) in [
            ("/.well-known/est/simplereenroll", &requests.identification),
            ("/.well-known/est/signing/simplereenroll", &requests.signing),
        ] {
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
        let keys = present(self.record.keys.as_ref(), &self.record.id)?;
        let of = |key: &Bytes| found.iter().find(|one| one.spki_der() == key.0);
        let missing = || Failure::WrongCertificateIssued {
            what: "no certificate for a key".into(),
        };
        let one = of(&keys.public.identification).ok_or_else(missing)?;
        let other = of(&keys.public.signing).ok_or_else(missing)?;
        let above = one.chain(&found);
        Ok(Issued {
            identification: one.der().to_vec(),
            signing: other.der().to_vec(),
            chain: above.into_iter().map(|one| one.der().to_vec()).collect(),
        })
    }

    /// The certificates are for these keys and this holder. Req 14.1.7
    fn check_issued(&self, issued: &Issued) -> Result<(), Failure> {
        let keys = present(self.record.keys.as_ref(), &self.record.id)?;
        let holder = self.record.holder()?;
        let wrong = |what: &str| Failure::WrongCertificateIssued { what: what.into() };
        let pairs = [
            (&issued.identification, &keys.public.identification),
            (&issued.signing, &keys.public.signing),
        ];
        for (der, key) in pairs {
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

    fn new_places(&self) -> Result<Pair<KeyRef>, Failure> {
        let keys = present(self.record.keys.as_ref(), &self.record.id)?;
        Ok(Pair {
            identification: KeyRef::new(keys.places.identification),
            signing: KeyRef::new(keys.places.signing),
        })
    }

    async fn write(&mut self) -> Result<Event, Failure> {
        let keys = present(self.record.keys.as_ref(), &self.record.id)?.clone();
        let issued = present(self.record.certificates.as_ref(), &self.record.id)?.clone();
        let chain = self.record.chain.clone();
        let places = self.new_places()?;
        let algorithm = card::named(&self.place.chosen, &keys.algorithm)?;
        let with_chain = self.place.chosen.known.profile().chain().is_some() && !chain.is_empty();
        let written = self.administrate(move |card| {
            let pairs = [
                (places.identification, &keys.public.identification),
                (places.signing, &keys.public.signing),
            ];
            for (place, key) in pairs {
                match card.read_public_key(place, algorithm) {
                    Ok(there) if there == key.0 => {}
                    // Where such cards do not tell it, the confirmation proves the key.
                    Err(lichna_card::CardError::NotInProfile { .. }) => {}
                    Ok(_) | Err(lichna_card::CardError::KeyMissing { .. }) => return Ok(false),
                    Err(error) => return Err(error.into()),
                }
            }
            card.write_certificate(places.identification, &issued.identification.0)?;
            card.write_certificate(places.signing, &issued.signing.0)?;
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
        let issued = present(self.record.certificates.as_ref(), &self.record.id)?;
        let (read, _) = card::read(&self.place.chosen, &self.tally, places).await?;
        let same = read.identification.as_deref() == Some(issued.identification.0.as_slice())
            && read.signing.as_deref() == Some(issued.signing.0.as_slice());
        Ok(if same { Event::Same } else { Event::Differs })
    }

    async fn activate(&mut self) -> Result<Event, Failure> {
        let places = self.new_places()?;
        let (_, used) = card::read(&self.place.chosen, &self.tally, places.clone()).await?;
        if !used {
            let (one, other) = (places.identification, places.signing);
            let activated = self.administrate(move |card| {
                card.activate(other)?;
                card.activate(one)?;
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
        let confirmed = self.holders(Call::post("/v1/confirmation")).await;
        let confirmed: Confirmed = match confirmed {
            // Another program had a key made in its place.
            Err(Failure::CertificateKeyMismatch { .. }) => return Ok(Event::KeysLost),
            confirmed => confirmed?,
        };
        match confirmed.state.as_str() {
            "COMPLETED" => Ok(Event::Confirmed),
            _ => Err(Failure::NotConfirmed),
        }
    }

    async fn complete(&mut self) -> Result<Event, Failure> {
        if self.record.kind == TaskKind::Renew {
            let call = Call::post("/v1/holder/renewal/completed");
            timed!(self, Step::AskAuthority, self.holders_raw(call).await)?;
        }
        Ok(Event::Completed)
    }

    async fn take_back(&mut self) -> Result<Event, Failure> {
        if self.record.kind == TaskKind::Enrol && self.code.is_some() {
            let path = self.path("")?;
            let call = Call::delete(&path)
                .json(&Withdrawal { reason: GIVEN_UP })?
                .with_code(self.code.as_ref());
            if let Err(failure) = self.plain.tell(call).await {
                tracing::info!(%failure, "the authority finds out by its deadline");
            }
        }
        Ok(Event::TakenBack)
    }
}
