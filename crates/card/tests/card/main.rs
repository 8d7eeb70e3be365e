//! Profiles and cards from outside: conversations with real applets replayed, hostile answers,
//! profiles with faults.

mod channels;
mod flows;
mod hostile;
mod profiles;
mod record;
mod refusals;
mod replay;
