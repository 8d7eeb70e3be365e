//! `lichna can forget`.

use lichna_ipc::{Reply, Request};
use serde_json::json;

use super::{ask, unexpected};
use crate::arguments::Can;
use crate::output::Output;
use crate::problem::Problem;

pub fn run(can: Can, out: &Output) -> Result<(), Problem> {
    let Can::Forget { number } = can;
    let Reply::CanForgotten(count) = ask(Request::ForgetCan { number }, out)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "forgotten": count }));
    }
    out.print(&out.text_with("can-forgotten", &[("count", count.into())]))
}
