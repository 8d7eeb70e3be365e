//! By what a task may go on at the authority: the code of its application, or a key of the card that
//! vouches for the one that is renewed.

use lichna_card::KeyRole;
use lichna_ipc::Failure;
use serde::Serialize;

use super::{
    super::{core::Part, renew},
    Run,
    speaking::MOST_ATTEMPTS,
};
use crate::{
    authority::{Call, Code, Renewal, RenewalOf, Vouched},
    flows::signed_request::{self, CMS},
};

/// What an application is given up for.
const GIVEN_UP: &str = "given-up";

/// Why an application is given up.
#[derive(Serialize)]
struct Withdrawal {
    reason: &'static str,
}

/// What the key that signs vouches for.
#[derive(Serialize)]
struct Vouching {
    action: &'static str,
}

impl Vouching {
    /// The renewal of the key that identifies, on the same card.
    const RENEWAL: Self = Self { action: "renew" };
}

impl Run<'_> {
    /// Begins a renewal, or finds the one that is open.
    pub async fn begin_renewal(&mut self) -> Result<Renewal, Failure> {
        let begin = Call::post("/v1/holder/renewal");
        match self.record.part {
            Some(Part::Identification) => self.vouch().await,
            Some(Part::Signing) => {
                self.holders(begin.json(&RenewalOf { role: "signing" })?)
                    .await
            }
            None => self.holders(begin).await,
        }
    }

    /// The renewal of the key that identifies, which the one that signs vouches for, with a code
    /// for its steps. The code is in memory alone.
    async fn vouch(&mut self) -> Result<Renewal, Failure> {
        for _ in 0..MOST_ATTEMPTS {
            self.agree().await?;
            let pin = self.pin.as_ref().ok_or(Failure::NotLoggedIn)?;
            let signer = renew::signer(self, KeyRole::Signature).await?;
            match signed_request::sign(&signer, pin, &Vouching::RENEWAL).await {
                // The PIN was kept long enough.
                Err(Failure::NotLoggedIn) => self.forget_pin(),
                signed => {
                    let call = Call::post("/v1/holder/renewal/code").bytes(CMS, signed?);
                    let vouched: Vouched = self.plain.call(call).await?;
                    self.code = vouched.code.map(Code::from);
                    return Ok(vouched.application);
                }
            }
        }
        Err(Failure::NotLoggedIn)
    }

    /// Has a code for the steps of the application, if that was forgotten and can be got here.
    ///
    /// # Errors
    /// Why there is none; [`Failure::ApplicationLapsed`]: there is another application.
    pub async fn have_code(&mut self) -> Result<(), Failure> {
        if self.code.is_some() || self.record.part.is_none() {
            return Ok(());
        }
        let renewal = self.vouch().await?;
        match &self.record.application {
            Some(application) if *application != renewal.renewal => {
                Err(Failure::ApplicationLapsed {
                    application: application.clone(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Gives an application up.
    pub async fn withdraw(&mut self, application: &str) -> Result<(), Failure> {
        let path = format!("/v1/applications/{application}");
        let call = Call::delete(&path).json(&Withdrawal { reason: GIVEN_UP })?;
        if self.code.is_some() {
            self.plain.tell(call.with_code(self.code.as_ref())).await
        } else {
            self.holders_raw(call).await.map(|_| ())
        }
    }
}
