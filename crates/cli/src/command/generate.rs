//! `lichna completions` and `lichna man`: made from the command line itself, so always true.

use std::path::Path;

use clap_complete::Shell;
use clap_mangen::Man;

use crate::help;
use crate::output::Output;
use crate::problem::{Here, Problem};

pub fn completions(shell: Shell, out: &Output) -> Result<(), Problem> {
    let mut command = help::command(&out.messages);
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "lichna", &mut text);
    out.write(&text)
}

/// The manual page of the whole command, or with a folder one page for each.
pub fn man(folder: Option<&Path>, out: &Output) -> Result<(), Problem> {
    let command = help::command(&out.messages);
    let failed = |error: std::io::Error| Here::output(&error);
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(command, folder).map_err(failed)?;
        }
        None => {
            let mut text = Vec::new();
            Man::new(command).render(&mut text).map_err(failed)?;
            out.write(&text)?;
        }
    }
    Ok(())
}
