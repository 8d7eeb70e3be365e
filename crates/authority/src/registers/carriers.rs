//! Carriers: the cards that the authority knows, with the key that each is personalised under.

use sqlx::{AnyExecutor, Row};
use zeroize::Zeroizing;

use crate::{
    clock,
    problem::{Problem, internal},
    store::StoreError,
    vault::Vault,
};

/// How a carrier knows the authority: what its key is, and what is made of its challenge with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// A practice card: AES-256-CMAC over `LICHNA-PERSO-1`, the card's number and its challenge.
    Practice,
    /// A PIV card, SP 800-73-4 part 2, appendix A: its challenge, which is one block, encrypted
    /// under its management key. Here with three keys of DES.
    PivTripleDes,
    /// The same with AES and 16 bytes.
    PivAes128,
    /// The same with AES and 24 bytes.
    PivAes192,
    /// The same with AES and 32 bytes.
    PivAes256,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Practice,
        Self::PivTripleDes,
        Self::PivAes128,
        Self::PivAes192,
        Self::PivAes256,
    ];

    /// As it stands in the store and on the command line.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Practice => "practice",
            Self::PivTripleDes => "piv-3des",
            Self::PivAes128 => "piv-aes-128",
            Self::PivAes192 => "piv-aes-192",
            Self::PivAes256 => "piv-aes-256",
        }
    }

    /// What is called so.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.text() == text)
    }

    /// Bytes of a key.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::PivAes128 => 16,
            Self::PivTripleDes | Self::PivAes192 => 24,
            Self::Practice | Self::PivAes256 => 32,
        }
    }
}

/// A carrier.
#[derive(Clone, PartialEq, Eq)]
pub struct CarrierRow {
    /// What is printed on it and stored in it.
    pub number: String,
    /// How its challenge is answered.
    pub scheme: Scheme,
    /// Its key, sealed in the vault for its number.
    pub key_sealed: Vec<u8>,
    /// `new`, or what issuing made of it.
    pub state: String,
    /// Whose it is.
    pub identifier: Option<String>,
    /// Unix milliseconds.
    pub registered_at: i64,
}

/// The state of a carrier that nothing was written to.
const NEW: &str = "new";

impl CarrierRow {
    /// One that nothing was written to, with its key.
    ///
    /// # Errors
    /// The vault's.
    pub fn new(vault: &Vault, scheme: Scheme, number: &str, key: &[u8]) -> Result<Self, Problem> {
        let sealed = vault.seal(&Self::belongs_to(number), key);
        Ok(Self {
            number: number.to_owned(),
            scheme,
            key_sealed: sealed.map_err(internal)?,
            state: NEW.to_owned(),
            identifier: None,
            registered_at: clock::now(),
        })
    }

    /// The one with this number.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_number(
        executor: impl AnyExecutor<'_>,
        number: &str,
    ) -> Result<Option<Self>, StoreError> {
        const BY: &str = "SELECT number, scheme, key_sealed, state, identifier, registered_at \
            FROM carriers WHERE number = $1";
        let row = sqlx::query(BY)
            .bind(number)
            .fetch_optional(executor)
            .await?;
        let damaged = StoreError::Damaged { table: "carriers" };
        let read = |row: &sqlx::any::AnyRow| {
            Ok(Self {
                number: row.try_get("number")?,
                scheme: Scheme::read(row.try_get("scheme")?).ok_or(damaged)?,
                key_sealed: row.try_get("key_sealed")?,
                state: row.try_get("state")?,
                identifier: row.try_get("identifier")?,
                registered_at: row.try_get("registered_at")?,
            })
        };
        row.as_ref().map(read).transpose()
    }

    /// Enters it.
    ///
    /// # Errors
    /// The store's.
    pub async fn insert(&self, executor: impl AnyExecutor<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO carriers (number, scheme, key_sealed, state, \
            identifier, registered_at) VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(INSERT)
            .bind(&self.number)
            .bind(self.scheme.text())
            .bind(&self.key_sealed)
            .bind(&self.state)
            .bind(self.identifier.as_deref())
            .bind(self.registered_at)
            .execute(executor)
            .await?;
        Ok(())
    }

    /// What a carrier's key is sealed for.
    pub fn belongs_to(number: &str) -> String {
        format!("carrier:{number}")
    }

    /// Its key, for the moment in which a challenge is answered.
    ///
    /// # Errors
    /// The row was changed, or is of another vault.
    pub fn key(&self, vault: &Vault) -> Result<Zeroizing<Vec<u8>>, Problem> {
        vault
            .open(&Self::belongs_to(&self.number), &self.key_sealed)
            .map_err(internal)
    }
}
