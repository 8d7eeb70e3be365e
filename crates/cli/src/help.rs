//! The help, in the language of the person: every command's and argument's text is a message.

use clap::{Command, CommandFactory};
use lichna_i18n::Messages;

use crate::arguments::Arguments;

/// The command line, with its help.
pub fn command(messages: &Messages) -> Command {
    let root = Arguments::command().after_help(format!(
        "{}\n{}",
        messages.text("help-exit-codes", &[]),
        messages.text("help-environment", &[]),
    ));
    localise(root, "lichna", messages)
}

/// Message of a command: `help-cert-export`; of an argument, wherever it stands: `help-arg-reader`.
fn localise(command: Command, name: &str, messages: &Messages) -> Command {
    let text = |id: &str| messages.text(id, &[]);
    let usage = text("help-heading-usage");
    let mut command = command
        .about(text(&format!("help-{name}")))
        .help_template(format!(
            "{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}"
        ))
        .subcommand_help_heading(text("help-heading-commands"))
        .subcommand_value_name(text("help-value-command"))
        .mut_args(|argument| {
            let id = argument.get_id().as_str().replace('_', "-");
            let heading = if argument.is_positional() {
                "help-heading-arguments"
            } else {
                "help-heading-options"
            };
            let takes_value = argument.get_action().takes_values();
            let argument = argument
                .help(text(&format!("help-arg-{id}")))
                .help_heading(text(heading));
            if takes_value {
                argument
                    .value_name(text(&format!("help-value-{id}")))
                    .hide_possible_values(true)
                    .hide_default_value(true)
            } else {
                argument
            }
        });
    let below: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    for one in below {
        let name = match name {
            "lichna" => one.clone(),
            name => format!("{name}-{one}"),
        };
        command = command.mut_subcommand(one, |command| localise(command, &name, messages));
    }
    command
}

#[cfg(test)]
mod tests {
    use lichna_i18n::Language;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        for language in Language::ALL {
            command(&Messages::of(language)).debug_assert();
        }
    }
}
