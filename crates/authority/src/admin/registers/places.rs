//! Places where administrators receive people. Req 37.5.

use clap::Subcommand;
use uuid::Uuid;

use super::{entered, text};
use crate::{
    Problem,
    admin::office::{at_work, operation, say, told},
    config::{Config, Data},
    problem::Code,
    registers::{AdministratorRow, PlaceRow},
};

/// What is done with places.
#[derive(Debug, Subcommand)]
pub(in crate::admin) enum PlaceCommand {
    /// Enter one.
    Add {
        /// The administrator's id.
        #[arg(long)]
        administrator: Uuid,
        /// Its name.
        #[arg(long, value_parser = text)]
        name: String,
        /// Its address.
        #[arg(long, value_parser = text)]
        address: String,
        /// Degrees north (WGS 84).
        #[arg(long, allow_hyphen_values = true, value_parser = latitude)]
        latitude: f64,
        /// Degrees east (WGS 84).
        #[arg(long, allow_hyphen_values = true, value_parser = longitude)]
        longitude: f64,
        /// When it is open, as OpenStreetMap writes it: `Mo-Fr 09:00-17:30`.
        #[arg(long, value_parser = text)]
        hours: String,
    },
    /// Show those of registered administrators.
    List,
}

pub(in crate::admin) fn run(
    data: &Data,
    config: Config,
    command: PlaceCommand,
) -> anyhow::Result<()> {
    match command {
        PlaceCommand::Add {
            administrator,
            name,
            address,
            latitude,
            longitude,
            hours,
        } => {
            let row = PlaceRow {
                id: Uuid::new_v4().to_string(),
                administrator: administrator.to_string(),
                name,
                address,
                latitude,
                longitude,
                hours,
            };
            at_work(data, config, async |authority| {
                let operation = operation("place.register").about(&row.id);
                let pool = authority.store.pool();
                let work = async {
                    let of = AdministratorRow::by_id(pool, &row.administrator).await?;
                    of.ok_or_else(|| Problem::new(Code::NotFound).detail("administrator"))?;
                    entered(row.insert(pool).await)
                };
                let done = operation.carry_out(&authority, work).await;
                done.map_err(|problem| told(&problem))?;
                say(&serde_json::json!({ "id": row.id }))
            })
        }
        PlaceCommand::List => at_work(data, config, async |authority| {
            for (row, administrator) in PlaceRow::current(authority.store.pool()).await? {
                say(&serde_json::json!({
                    "id": row.id,
                    "administrator": administrator,
                    "name": row.name,
                    "address": row.address,
                    "latitude": row.latitude,
                    "longitude": row.longitude,
                    "hours": row.hours,
                }))?;
            }
            Ok(())
        }),
    }
}

fn latitude(text: &str) -> Result<f64, String> {
    degrees(text, 90.0)
}

fn longitude(text: &str) -> Result<f64, String> {
    degrees(text, 180.0)
}

fn degrees(text: &str, most: f64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(degrees) if degrees.abs() <= most => Ok(degrees),
        _ => Err(format!("it is a number from -{most} to {most}")),
    }
}
