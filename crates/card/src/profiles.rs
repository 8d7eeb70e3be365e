//! All profiles together: which card is this? Req C.7.

use std::sync::Arc;

use lichna_apdu::{Channel, Command, Framing, Instruction, Interface, Response, Status, exchange};

use crate::{Aid, Atr, AtrPattern, CardError, Profile, ProfileError};

/// The profiles that come with Lichna: file name and text.
const BUILTIN: [(&str, &str); 4] = [
    ("piv.toml", include_str!("../../../card-profiles/piv.toml")),
    (
        "openpgp.toml",
        include_str!("../../../card-profiles/openpgp.toml"),
    ),
    (
        "bg-eid.toml",
        include_str!("../../../card-profiles/bg-eid.toml"),
    ),
    (
        "bg-eid-practice.toml",
        include_str!("../../../card-profiles/bg-eid-practice.toml"),
    ),
];

/// The profiles that are known: the signed ones, then what the user added.
#[derive(Clone, Debug)]
pub struct Profiles {
    all: Vec<Arc<Profile>>,
}

impl Profiles {
    /// The profiles that come with Lichna.
    ///
    /// # Panics
    /// Never: a test reads each of them.
    #[must_use]
    #[allow(
        clippy::expect_used,
        reason = "the files are part of the program, and a test reads each of them"
    )]
    pub fn builtin() -> Self {
        let all = BUILTIN
            .iter()
            .map(|(file, text)| {
                let mut profile =
                    Profile::check(file, text).expect("a profile of our own has no fault");
                profile.unsigned = false;
                Arc::new(profile)
            })
            .collect();
        Self { all }
    }

    /// Adds a profile from the user's folder.
    ///
    /// # Errors
    /// [`ProfileError`] when it has a fault, when it claims a card that a signed profile knows,
    /// or when it relaxes PACE or the rule of the last try. The profiles are then as before.
    pub fn add_unsigned(&mut self, file: &str, text: &str) -> Result<(), ProfileError> {
        let profile = Profile::check(file, text)?;
        if let Some((field, line)) = profile.lines.relaxed.first() {
            return Err(ProfileError::RelaxesProtection {
                file: file.to_owned(),
                line: *line,
                field: field.clone(),
            });
        }
        for signed in self.all.iter().filter(|known| !known.unsigned) {
            if let Some((field, line)) = claim(&profile, signed) {
                return Err(ProfileError::ClaimsKnownCard {
                    file: file.to_owned(),
                    line,
                    field,
                    known: signed.name.clone(),
                });
            }
        }
        self.all.push(Arc::new(profile));
        Ok(())
    }

    /// All of them, signed ones first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.all.iter()
    }

    /// Finds the profile for the card on `channel`; `None` when no profile knows it.
    ///
    /// The ATR comes first: profiles that know it are tried before the others, the narrowest
    /// first, signed ones before unsigned ones. Each application that is possible is selected at
    /// most once, and nothing else is sent to a card that is not known. When a profile is returned,
    /// its application is selected: see [`Card::already_selected`](crate::Card::already_selected).
    ///
    /// A card that needs a secure channel on this interface is recognised inside it only; before,
    /// [`by_atr_alone`](Self::by_atr_alone) says what can be said.
    ///
    /// # Errors
    /// [`CardError::ChannelNeeded`], with nothing sent; [`CardError`] when the card gives no
    /// answer, or the application was terminated.
    pub fn recognise(
        &self,
        channel: &mut dyn Channel,
        atr: &Atr,
    ) -> Result<Option<Arc<Profile>>, CardError> {
        let interface = channel.interface();
        let clear = !channel.is_protected();
        if clear && self.by_atr_alone(atr, interface).is_some() {
            return Err(CardError::ChannelNeeded);
        }
        let mut candidates = self.candidates(atr);
        candidates.retain(|(_, profile)| !(clear && profile.needs_pace(interface)));
        for (aid, profile) in candidates {
            match select(channel, aid)?.status() {
                Status::Success | Status::Warning(_) => return Ok(Some(Arc::clone(profile))),
                Status::Terminated => return Err(CardError::ApplicationTerminated),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The profile that knows this ATR and needs a secure channel on that interface: what can be
    /// said of a card while nothing may be sent to it. Only the card's application, selected in
    /// the channel, says for sure: [`recognise`](Self::recognise).
    #[must_use]
    pub fn by_atr_alone(&self, atr: &Atr, interface: Interface) -> Option<&Arc<Profile>> {
        self.all
            .iter()
            .filter(|profile| profile.complete && profile.needs_pace(interface))
            .filter(|profile| narrowest(profile, atr).is_some())
            .filter_map(|profile| Some((Rank::of(profile, atr)?, profile)))
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, profile)| profile)
    }

    /// What is worth selecting on a card with this ATR, in order, no application twice.
    ///
    /// Whatever signed profiles know comes before all that unsigned ones add: so none of those
    /// takes a card away by an application that is on it as well.
    fn candidates(&self, atr: &Atr) -> Vec<(&Aid, &Arc<Profile>)> {
        let mut ranked: Vec<(Rank, &Arc<Profile>)> = self
            .all
            .iter()
            .filter_map(|profile| Some((Rank::of(profile, atr)?, profile)))
            .collect();
        // Stable: the order of the profiles decides between those of one rank.
        ranked.sort_by_key(|(rank, _)| *rank);
        let mut candidates: Vec<(&Aid, &Arc<Profile>)> = Vec::new();
        for (_, profile) in ranked {
            for aid in &profile.recognition.aids {
                // A card that does not have `known` has nothing that begins with it either.
                if !candidates
                    .iter()
                    .any(|(known, _)| aid.as_bytes().starts_with(known.as_bytes()))
                {
                    candidates.push((aid, profile));
                }
            }
        }
        candidates
    }
}

/// How likely it is that a card is of a profile, the likeliest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    unsigned: bool,
    by_aid_only: bool,
    /// Bits of the ATR that must agree, the most first.
    narrowness: core::cmp::Reverse<u32>,
}

impl Rank {
    /// `None`: a card with this ATR is not of that profile.
    fn of(profile: &Profile, atr: &Atr) -> Option<Self> {
        if !profile.complete {
            return None;
        }
        let narrowness = narrowest(profile, atr);
        if narrowness.is_none() && profile.recognition.only_these_atrs {
            return None;
        }
        Some(Self {
            unsigned: profile.unsigned,
            by_aid_only: narrowness.is_none(),
            narrowness: core::cmp::Reverse(narrowness.unwrap_or_default()),
        })
    }
}

/// SELECT by name, ISO/IEC 7816-4 §11.2.2: first occurrence, FCI wanted.
pub(crate) fn select(channel: &mut dyn Channel, aid: &Aid) -> Result<Response, CardError> {
    let command = Command::new(Instruction::Select, 0x04, 0x00)
        .data(aid.as_bytes())
        .expect(256);
    // Short: whether the card takes extended commands is not known before it is recognised.
    Ok(exchange(channel, &command, Framing::Short)?)
}

/// How narrow the pattern is that knows this ATR.
fn narrowest(profile: &Profile, atr: &Atr) -> Option<u32> {
    profile
        .recognition
        .atrs
        .iter()
        .filter(|pattern| pattern.matches(atr))
        .map(AtrPattern::narrowness)
        .max()
}

/// The field and line by which `profile` claims a card of `signed`.
fn claim(profile: &Profile, signed: &Profile) -> Option<(String, usize)> {
    let (mine, theirs) = (&profile.recognition, &signed.recognition);
    let aid = mine
        .aids
        .iter()
        .position(|aid| theirs.aids.iter().any(|known| known.overlaps(aid)))
        .map(|at| (format!("recognise.aids[{at}]"), profile.lines.aids.get(at)));
    let atr = || {
        mine.atrs
            .iter()
            .position(|atr| theirs.atrs.iter().any(|known| known.overlaps(atr)))
            .map(|at| {
                (
                    format!("recognise.atrs[{at}].pattern"),
                    profile.lines.atrs.get(at),
                )
            })
    };
    aid.or_else(atr)
        .map(|(field, line)| (field, line.copied().unwrap_or(1)))
}
