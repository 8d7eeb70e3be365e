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

#[cfg(test)]
mod tests {
    use lichna_ipc::{PinEntry, PinState, PublicKey, TokenCertificate, TokenId, TokenPin};

    use super::*;

    fn token(reader: &str, insertion: u64, role: KeyRole) -> lichna_ipc::Token {
        lichna_ipc::Token {
            id: TokenId {
                reader: reader.into(),
                insertion,
                key: "key".into(),
            },
            role,
            card: "card".into(),
            issuer: "issuer".into(),
            number: None,
            practice: false,
            login: false,
            pin: TokenPin {
                name: "PIN".into(),
                state: PinState::Ready,
                tries_left: Some(3),
                shortest: 4,
                longest: 8,
                entry: PinEntry::Typed,
            },
            key: PublicKey::Rsa {
                modulus: vec![0x80; 256],
                exponent: vec![1, 0, 1],
            },
            mechanisms: Vec::new(),
            certificate: TokenCertificate {
                label: "somebody".into(),
                der: Vec::new(),
                subject: Vec::new(),
                issuer: Vec::new(),
                serial: Vec::new(),
                public_key: Vec::new(),
                not_before: String::new(),
                not_after: String::new(),
                key_identifier: vec![1; 20],
            },
            chain: Vec::new(),
        }
    }

    fn said(readers: &[(&str, &[lichna_ipc::Token])]) -> Tokens {
        let readers = readers.iter().map(|(name, tokens)| TokenReader {
            name: (*name).to_owned(),
            wants_can: false,
            tokens: tokens.to_vec(),
        });
        Tokens {
            settled: true,
            readers: readers.collect(),
        }
    }

    fn reader_names(world: &World) -> Vec<Option<String>> {
        let name = |slot| Some(world.reader(slot).unwrap()?.name.to_string());
        world.slots().step_by(SEATS).map(name).collect()
    }

    fn some(names: &[&str]) -> Vec<Option<String>> {
        let name = |name: &&str| Some((*name).to_owned()).filter(|name| !name.is_empty());
        names.iter().map(name).collect()
    }

    #[test]
    fn there_are_slots_before_there_is_a_reader() {
        let world = World::default();
        assert_eq!(world.slots().collect::<Vec<_>>(), [0, 1]);
        assert!(matches!(world.token(0), Err(Error::TokenNotPresent)));
        assert!(matches!(world.token(2), Err(Error::SlotIdInvalid)));
        assert!(matches!(
            world.token(cryptoki_sys::CK_SLOT_ID::MAX),
            Err(Error::SlotIdInvalid)
        ));
    }

    #[test]
    fn a_place_stays_when_its_reader_goes_and_the_next_takes_it() {
        let three = World::default().after(said(&[("a", &[]), ("b", &[]), ("c", &[])]));
        assert_eq!(reader_names(&three), some(&["a", "b", "c"]));
        let two = three.after(said(&[("c", &[]), ("a", &[])]));
        assert_eq!(reader_names(&two), some(&["a", "", "c"]));
        let again = two.after(said(&[("d", &[]), ("c", &[]), ("a", &[]), ("e", &[])]));
        assert_eq!(reader_names(&again), some(&["a", "d", "c", "e"]));
        let none = again.after(Tokens::default());
        assert_eq!(none.slots().count(), 8);
        assert!(none.tokens().next().is_none());
    }

    #[test]
    fn keys_sit_by_their_use_and_others_nowhere() {
        let roles = [KeyRole::Signing, KeyRole::Other, KeyRole::Authentication];
        let tokens = roles.map(|role| token("a", 1, role));
        let world = World::default().after(said(&[("a", &tokens)]));
        let role = |slot| world.token(slot).unwrap().info.role;
        assert_eq!(role(0), KeyRole::Authentication);
        assert_eq!(role(1), KeyRole::Signing);
        assert_eq!(world.tokens().count(), 2);
    }

    #[test]
    fn a_token_lives_until_its_card_is_taken_out() {
        let first = token("a", 1, KeyRole::Authentication);
        let world = World::default().after(said(&[("a", std::slice::from_ref(&first))]));
        let handles = |world: &World| {
            let token = Arc::clone(world.token(0).unwrap());
            token
                .objects()
                .map(|(handle, _)| handle)
                .collect::<Vec<_>>()
        };
        // A try was spent: the same token, the same handles.
        let mut fewer = first.clone();
        fewer.pin.tries_left = Some(2);
        let spent = world.after(said(&[("a", &[fewer])]));
        assert_eq!(handles(&spent), handles(&world));
        assert_eq!(spent.token(0).unwrap().info.pin.tries_left, Some(2));
        assert!(spent.changed_since(&world).is_empty());
        // Put in again: another one, with handles that nothing had before.
        let second = token("a", 2, KeyRole::Authentication);
        let again = spent.after(said(&[("a", &[second])]));
        assert!(again.changed_since(&spent).contains(&0));
        let before = handles(&world);
        assert!(handles(&again).iter().all(|new| !before.contains(new)));
        let old = before.first().copied().unwrap();
        let found = again.token(0).unwrap().object(old);
        assert!(matches!(found, Err(Error::ObjectHandleInvalid)));
    }

    #[test]
    fn a_private_key_is_hidden_until_somebody_logged_in() {
        let mut classic = token("a", 1, KeyRole::Authentication);
        classic.login = true;
        let world = World::default().after(said(&[("a", &[classic])]));
        let token = world.token(0).unwrap();
        let keys = || {
            let keys = token.objects().filter(|(_, one)| one.is(CKO_PRIVATE_KEY));
            keys.map(|(handle, _)| handle).collect::<Vec<_>>()
        };
        assert!(keys().is_empty());
        token.desk.logged_in(None, std::time::Instant::now());
        let [key] = keys()[..] else {
            panic!("one key");
        };
        assert!(token.private_key(key).is_ok());
        token.desk.log_out();
        assert!(keys().is_empty());
        let refused = token.private_key(key);
        assert!(matches!(refused, Err(Error::UserNotLoggedIn)));
        assert!(matches!(token.object(key), Err(Error::ObjectHandleInvalid)));
    }
}
