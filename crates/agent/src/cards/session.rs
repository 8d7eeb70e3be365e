//! What a job may do with the card: hold it for one transaction, over a secure channel where the
//! card wants one.

use std::{sync::Arc, time::Instant};

use getrandom::SysRng;
use lichna_apdu::Channel;
use lichna_card::{Anchor, Card, CardError, Genuineness, Selected, check_genuine};
use lichna_ipc::Failure;
use lichna_reader::Leave;
use time::OffsetDateTime;

use super::{
    failure::{self, CardFault},
    link::{Exclusive, Link, OwnCard},
    meter::{Meter, Tally},
    secure::{Guard, Secure},
    view::KnownCard,
};

/// What is done in a transaction with the card, and with the channel that stands.
type Task<'a, T> =
    &'a mut dyn FnMut(&mut Option<Secure>, &mut Exclusive<'_>) -> Result<T, CardFault>;

/// A reader's connection, on the reader's own thread.
pub struct CardSession {
    reader: String,
    meter: Arc<Meter>,
    link: Link,
    /// The channel of the task that is under way. It ends with the link's connection.
    secure: Option<Secure>,
}

/// How a transaction is held.
pub struct Terms<'a> {
    /// Until when every exchange must have ended.
    pub deadline: Instant,
    /// How the card is left: [`Leave::Keep`] leaves a secure channel as well, for the next
    /// transaction of the same task.
    pub leave: Leave,
    /// For whom the commands count.
    pub tally: &'a Tally,
    /// The card is kept awake while nothing is sent.
    pub awake: bool,
}

impl<'a> Terms<'a> {
    /// Nothing secret is done, and the card is left as it is.
    pub const fn keeping(deadline: Instant, tally: &'a Tally) -> Self {
        Self {
            deadline,
            leave: Leave::Keep,
            tally,
            awake: false,
        }
    }

    /// Afterwards the card is reset.
    pub const fn resetting(deadline: Instant, tally: &'a Tally) -> Self {
        Self {
            deadline,
            leave: Leave::Reset,
            tally,
            awake: false,
        }
    }
}

/// The card, for one task in one transaction.
pub struct Held<'a> {
    channel: &'a mut dyn Channel,
    selected: &'a mut bool,
    again: bool,
}

impl Held<'_> {
    /// The way to the card, as secure as it is.
    pub fn channel(&mut self) -> &mut dyn Channel {
        self.channel
    }

    /// The card with its application selected: with one command, or none where it still is from
    /// an earlier transaction over the same secure channel.
    ///
    /// # Errors
    /// As [`Card::select`].
    pub fn card(&mut self, known: &KnownCard) -> Result<Card<'_, Selected>, CardError> {
        let profile = Arc::clone(known.profile());
        if *self.selected {
            return Ok(Card::already_selected(self.channel, profile));
        }
        let card = Card::select(self.channel, profile)?;
        *self.selected = true;
        Ok(card)
    }

    /// The application was selected a moment ago.
    pub const fn is_selected(&mut self) {
        *self.selected = true;
    }

    /// Whether the task is done for the second time, over a new channel, because the first one
    /// was broken from outside.
    pub const fn again(&self) -> bool {
        self.again
    }
}

impl CardSession {
    /// For the card in `reader`; connects when it is first needed.
    pub fn new(reader: &str, meter: Arc<Meter>) -> Self {
        Self::over(reader, meter, Link::Service(None))
    }

    /// For a card of our own.
    pub fn own(reader: &str, meter: Arc<Meter>, card: Box<dyn OwnCard>) -> Self {
        Self::over(reader, meter, Link::Own(card))
    }

    fn over(reader: &str, meter: Arc<Meter>, link: Link) -> Self {
        Self {
            reader: reader.to_owned(),
            meter,
            link,
            secure: None,
        }
    }

    /// Runs `task` on the card as it is, without a secure channel: for what comes before one.
    ///
    /// # Errors
    /// Why the card could not be reached, or what went wrong with it.
    pub fn plain<T>(
        &mut self,
        terms: &Terms<'_>,
        task: &mut dyn FnMut(&mut Held<'_>) -> Result<T, CardFault>,
    ) -> Result<T, Failure> {
        self.counted(terms, &mut |_, exclusive| {
            task(&mut Held {
                channel: exclusive,
                selected: &mut false,
                again: false,
            })
        })
    }

    /// Runs `task` on the card, undisturbed by other programs, and leaves the card as `terms`
    /// say. A card that wants a secure channel is spoken to over one: that of the task, or a new
    /// one.
    ///
    /// When a channel that stood before turns out to be broken from outside (another program
    /// spoke to the card, or reset it), the task is done once more over a new one; see
    /// [`Held::again`].
    ///
    /// # Errors
    /// Why the card could not be reached, or what went wrong with it; [`Failure::CanNeeded`].
    pub fn transaction<T>(
        &mut self,
        known: &KnownCard,
        terms: &Terms<'_>,
        mut task: impl FnMut(&mut Held<'_>) -> Result<T, CardFault>,
    ) -> Result<T, Failure> {
        let Some(guard) = known.guard(&self.reader)? else {
            return self.plain(terms, &mut task);
        };
        let stood = self.secure.is_some();
        match self.guarded(terms, &guard, false, &mut task) {
            Err(Failure::ChannelInterrupted | Failure::CardReset) if stood => {
                tracing::warn!(
                    reader = self.reader,
                    "another program ended the secure channel: a new one is opened"
                );
                self.guarded(terms, &guard, true, &mut task)
            }
            Err(Failure::WrongCan) => {
                known.forget_can();
                Err(Failure::WrongCan)
            }
            done => done,
        }
    }

    fn guarded<T>(
        &mut self,
        terms: &Terms<'_>,
        guard: &Guard,
        again: bool,
        task: &mut dyn FnMut(&mut Held<'_>) -> Result<T, CardFault>,
    ) -> Result<T, Failure> {
        self.counted(terms, &mut |secure, exclusive| {
            let open = match secure.take() {
                Some(open) => open,
                None => Secure::open(exclusive, guard)?,
            };
            let (mut channel, selected) = secure.insert(open).over(exclusive);
            task(&mut Held {
                channel: &mut channel,
                selected,
                again,
            })
        })
    }

    /// Asks the card whether it is genuine, and leaves it reset.
    ///
    /// # Errors
    /// Why the card could not be asked; what is wrong with the card itself is the answer.
    pub fn prove(
        &mut self,
        known: &KnownCard,
        terms: &Terms<'_>,
        trust: (&[Anchor], OffsetDateTime),
    ) -> Result<Genuineness, Failure> {
        let guard = known.guard(&self.reader)?;
        let access = known.access();
        self.counted(terms, &mut |secure, exclusive| {
            let mut messaging = match (secure.take(), &guard) {
                (Some(open), _) => Some(open.into_messaging()),
                (None, Some(guard)) => Some(Secure::open(exclusive, guard)?.into_messaging()),
                (None, None) => None,
            };
            let verdict = check_genuine(
                exclusive,
                &mut messaging,
                known.profile(),
                access.as_deref(),
                trust,
                &mut SysRng,
            );
            Ok(verdict?)
        })
    }

    fn counted<T>(&mut self, terms: &Terms<'_>, task: Task<'_, T>) -> Result<T, Failure> {
        self.meter.count_for(Some(terms.tally));
        let done = self.once(terms, task);
        self.meter.count_for(None);
        if done.is_err() {
            // The card was reset; what is left of the connection may be of no use, and a new one
            // costs little.
            self.secure = None;
            self.link.let_go(Leave::Keep);
        }
        done
    }

    fn once<T>(&mut self, terms: &Terms<'_>, task: Task<'_, T>) -> Result<T, Failure> {
        let mut exclusive = self.link.begin(&self.reader, &self.meter, terms.deadline)?;
        if exclusive.card_was_reset() && self.secure.take().is_some() {
            tracing::warn!(
                reader = self.reader,
                "the card was reset: a new secure channel is opened"
            );
        }
        if terms.awake {
            exclusive.keep_awake();
        }
        let stood = self.secure.is_some();
        let done = task(&mut self.secure, &mut exclusive);
        let interrupted = self.secure.as_ref().is_some_and(Secure::was_interrupted);
        let done = done.map_err(|fault| match failure::from_card(&self.reader, fault) {
            Failure::ChannelBroken if interrupted => Failure::ChannelInterrupted,
            other => other,
        });
        // A secure channel whose task failed is of no use to another.
        let leave = if done.is_err() && (stood || self.secure.is_some()) {
            Leave::Reset
        } else {
            terms.leave
        };
        if leave == Leave::Reset {
            self.secure = None;
        }
        exclusive.finish(leave);
        done
    }

    /// Lets go of the card. A secure channel ends with a reset.
    pub fn disconnect(&mut self) {
        let leave = match self.secure.take() {
            Some(_) => Leave::Reset,
            None => Leave::Keep,
        };
        self.link.let_go(leave);
    }
}
