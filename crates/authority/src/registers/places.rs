//! Where administrators receive people, Art. 37 (5) and (8).

use sqlx::{AnyExecutor, Row, any::AnyRow};

use crate::store::StoreError;

/// A place.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceRow {
    /// A UUID.
    pub id: String,
    /// The administrator's id.
    pub administrator: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Degrees north, WGS 84.
    pub latitude: f64,
    /// Degrees east, WGS 84.
    pub longitude: f64,
    /// When it is open, as OpenStreetMap writes it: `Mo-Fr 09:00-17:30`.
    pub hours: String,
}

impl PlaceRow {
    /// Those of administrators that are registered at this moment, with the names of these.
    ///
    /// # Errors
    /// The store's.
    pub async fn current(
        executor: impl AnyExecutor<'_>,
    ) -> Result<Vec<(Self, String)>, StoreError> {
        const ALL: &str = "SELECT p.id, p.administrator, p.name, p.address, p.latitude, \
            p.longitude, p.hours, a.name AS administrator_name FROM places p \
            JOIN administrators a ON a.id = p.administrator WHERE a.ended_at IS NULL \
            ORDER BY a.name, p.name, p.id";
        let rows = sqlx::query(ALL).fetch_all(executor).await?;
        let read = |row: &AnyRow| {
            let place = Self {
                id: row.try_get("id")?,
                administrator: row.try_get("administrator")?,
                name: row.try_get("name")?,
                address: row.try_get("address")?,
                latitude: row.try_get("latitude")?,
                longitude: row.try_get("longitude")?,
                hours: row.try_get("hours")?,
            };
            Ok((place, row.try_get("administrator_name")?))
        };
        rows.iter().map(read).collect()
    }

    /// Enters it.
    ///
    /// # Errors
    /// The store's.
    pub async fn insert(&self, executor: impl AnyExecutor<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO places (id, administrator, name, address, latitude, \
            longitude, hours) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        sqlx::query(INSERT)
            .bind(&self.id)
            .bind(&self.administrator)
            .bind(&self.name)
            .bind(&self.address)
            .bind(self.latitude)
            .bind(self.longitude)
            .bind(&self.hours)
            .execute(executor)
            .await?;
        Ok(())
    }
}
