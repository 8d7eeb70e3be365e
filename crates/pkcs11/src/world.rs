//! What slots and tokens there are at one moment. Nothing in here changes; the next moment has a
//! [`World`] of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SLOT_ID, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY};
use lichna_ipc::{KeyRole, TokenReader, Tokens};

use crate::contents;
use crate::desk::Desk;
use crate::error::Error;
use crate::ffi::ulong;
use crate::object::Object;

/// Slots of a place: the identification key's and the signing key's.
const SEATS: usize = 2;

/// Handles of objects and tokens, never used twice in a process.
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// The slots, and what is in them.
#[derive(Debug)]
pub struct World {
    /// No card is being read at this moment.
    pub settled: bool,
    /// Where readers are. A place stays when its reader goes, for clients that hold on to its
    /// slots, and the next reader takes it.
    places: Vec<Place>,
}

#[derive(Clone, Debug, Default)]
struct Place {
    reader: Option<Reader>,
    tokens: [Option<Arc<Token>>; SEATS],
}

/// A reader.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Its name.
    pub name: Arc<str>,
    /// The card in it tells nothing before its CAN was given.
    pub wants_can: bool,
}

/// A key with its certificate, for one insertion.
#[derive(Debug)]
pub struct Token {
    /// Tells it from every other that was there before.
    pub life: usize,
    /// What the agent says of it.
    pub info: lichna_ipc::Token,
    /// Where its key is used.
    pub desk: Arc<Desk>,
    objects: Arc<Objects>,
}

#[derive(Debug)]
struct Objects {
    /// Handle of the first; the others follow.
    first: usize,
    list: Vec<Object>,
}

impl Token {
    fn new(info: lichna_ipc::Token) -> Self {
        let list = contents::objects(&info);
        let handles = list.len().saturating_add(1);
        let life = NEXT.fetch_add(handles, Ordering::Relaxed);
        let first = life.wrapping_add(1);
        Self {
            life,
            info,
            desk: Arc::default(),
            objects: Arc::new(Objects { first, list }),
        }
    }

    /// The same token, of which the agent says something new.
    fn renewed(&self, info: lichna_ipc::Token) -> Self {
        Self {
            life: self.life,
            info,
            desk: Arc::clone(&self.desk),
            objects: Arc::clone(&self.objects),
        }
    }

    /// Whether it is this one still: only what its PIN is like may have changed.
    fn is_still(&self, info: &lichna_ipc::Token) -> bool {
        let (mut then, mut now) = (self.info.clone(), info.clone());
        then.pin.clone_from(&info.pin);
        now.pin.clone_from(&info.pin);
        then == now
    }

    /// The user may see private objects: he is logged in, or need not be.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.info.login || self.desk.is_logged_in()
    }

    /// Its objects with their handles, as far as they may be seen now.
    pub fn objects(&self) -> impl Iterator<Item = (CK_OBJECT_HANDLE, &Object)> {
        let open = self.is_open();
        let handles = (self.objects.first..).map(ulong);
        handles
            .zip(&self.objects.list)
            .filter(move |(_, object)| open || !object.is_private())
    }

    /// The object with this handle.
    ///
    /// # Errors
    /// [`Error::ObjectHandleInvalid`], also where it may not be seen.
    pub fn object(&self, handle: CK_OBJECT_HANDLE) -> Result<&Object, Error> {
        let object = self
            .any_object(handle)
            .filter(|object| !object.is_private() || self.is_open());
        object.ok_or(Error::ObjectHandleInvalid)
    }

    /// The private key with this handle.
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`] where it may not be used now, [`Error::KeyHandleInvalid`] where it
    /// is none, [`Error::KeyFunctionNotPermitted`] where it is the public one.
    pub fn private_key(&self, handle: CK_OBJECT_HANDLE) -> Result<&Object, Error> {
        let object = self.any_object(handle).ok_or(Error::KeyHandleInvalid)?;
        match object {
            key if key.is(CKO_PRIVATE_KEY) && self.is_open() => Ok(key),
            key if key.is(CKO_PRIVATE_KEY) => Err(Error::UserNotLoggedIn),
            key if key.is(CKO_PUBLIC_KEY) => Err(Error::KeyFunctionNotPermitted),
            _ => Err(Error::KeyHandleInvalid),
        }
    }

    fn any_object(&self, handle: CK_OBJECT_HANDLE) -> Option<&Object> {
        let handle = usize::try_from(handle).ok()?;
        let at = handle.checked_sub(self.objects.first)?;
        self.objects.list.get(at)
    }
}

impl Default for World {
    /// One reader's slots, without the reader: there are slots to look at before any comes.
    fn default() -> Self {
        Self {
            settled: false,
            places: vec![Place::default()],
        }
    }
}

impl World {
    /// What there is after the agent said this.
    #[must_use]
    pub fn after(&self, said: Tokens) -> Self {
        let Tokens { settled, readers } = said;
        let mut places: Vec<Place> = self.places.clone();
        for place in &mut places {
            let name = place.reader.as_ref().map(|reader| Arc::clone(&reader.name));
            let stays = name.is_some_and(|name| readers.iter().any(|one| *one.name == *name));
            if !stays {
                *place = Place::default();
            }
        }
        for reader in readers {
            let here = |place: &&mut Place| {
                let name = place.reader.as_ref().map(|reader| &*reader.name);
                name == Some(reader.name.as_str())
            };
            if let Some(place) = places.iter_mut().find(here) {
                place.update(reader);
            } else if let Some(place) = places.iter_mut().find(|place| place.reader.is_none()) {
                place.update(reader);
            } else {
                let mut place = Place::default();
                place.update(reader);
                places.push(place);
            }
        }
        Self { settled, places }
    }

    /// All slots, from 0.
    pub fn slots(&self) -> impl Iterator<Item = CK_SLOT_ID> {
        (0..self.places.len().saturating_mul(SEATS)).map(ulong)
    }

    /// The slots in which something else is than there was before.
    #[must_use]
    pub fn changed_since(&self, before: &Self) -> BTreeSet<CK_SLOT_ID> {
        let life = |world: &Self, slot| {
            let token = world.seat(slot).ok().and_then(|(_, token)| token.as_ref());
            token.map(|token| token.life)
        };
        self.slots()
            .filter(|slot| life(self, *slot) != life(before, *slot))
            .collect()
    }

    /// All tokens.
    pub fn tokens(&self) -> impl Iterator<Item = &Arc<Token>> {
        self.places.iter().flat_map(|place| &place.tokens).flatten()
    }

    /// The reader of a slot, where there is one.
    ///
    /// # Errors
    /// [`Error::SlotIdInvalid`].
    pub fn reader(&self, slot: CK_SLOT_ID) -> Result<Option<&Reader>, Error> {
        self.seat(slot).map(|(place, _)| place.reader.as_ref())
    }

    /// The token in a slot.
    ///
    /// # Errors
    /// [`Error::SlotIdInvalid`], [`Error::TokenNotPresent`].
    pub fn token(&self, slot: CK_SLOT_ID) -> Result<&Arc<Token>, Error> {
        let (_, token) = self.seat(slot)?;
        token.as_ref().ok_or(Error::TokenNotPresent)
    }

    /// The slot is its reader's second: the signing key's.
    #[must_use]
    pub fn is_for_signing(slot: CK_SLOT_ID) -> bool {
        usize::try_from(slot).is_ok_and(|slot| slot % SEATS == 1)
    }

    fn seat(&self, slot: CK_SLOT_ID) -> Result<(&Place, &Option<Arc<Token>>), Error> {
        let slot = usize::try_from(slot).map_err(|_| Error::SlotIdInvalid)?;
        let place = self.places.get(slot / SEATS).ok_or(Error::SlotIdInvalid)?;
        let token = place.tokens.get(slot % SEATS).ok_or(Error::SlotIdInvalid)?;
        Ok((place, token))
    }
}

impl Place {
    fn update(&mut self, reader: TokenReader) {
        let before = std::mem::take(&mut self.tokens);
        for info in reader.tokens {
            let seat = match info.role {
                KeyRole::Authentication => 0,
                KeyRole::Signing => 1,
                KeyRole::Other => continue,
            };
            let there = before.get(seat).and_then(Option::as_ref);
            let token = match there {
                Some(there) if there.info == info => Arc::clone(there),
                Some(there) if there.is_still(&info) => Arc::new(there.renewed(info)),
                _ => Arc::new(Token::new(info)),
            };
            if let Some(seat) = self.tokens.get_mut(seat) {
                *seat = Some(token);
            }
        }
        self.reader = Some(Reader {
            name: reader.name.into(),
            wants_can: reader.wants_can,
        });
    }
}
