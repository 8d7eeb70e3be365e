//! The service's own log of what went to and from the cards (`pcscd --apdu --debug`).

/// A command and its response, as the service saw them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedApdu {
    /// The command APDU.
    pub command: Vec<u8>,
    /// The response APDU with its status word; empty when the card gave none.
    pub response: Vec<u8>,
    /// Microseconds from command to response, by the service's clock.
    pub microseconds: u64,
}

impl LoggedApdu {
    /// The instruction byte.
    pub fn instruction(&self) -> u8 {
        self.command.get(1).copied().unwrap_or(0)
    }

    /// The status word, if there is one.
    pub fn status(&self) -> Option<u16> {
        self.response
            .last_chunk()
            .map(|word| u16::from_be_bytes(*word))
    }
}

/// Reads the exchanges out of the log, in the order of the commands.
pub fn parse(log: &str) -> Vec<LoggedApdu> {
    let mut exchanges: Vec<LoggedApdu> = Vec::new();
    for line in log.lines() {
        let Some((time, text)) = line.split_once(' ') else {
            continue;
        };
        // The first column counts from the line before.
        let since_last = time.parse::<u64>().unwrap_or(0);
        if let Some(last) = exchanges.last_mut()
            && last.response.is_empty()
        {
            last.microseconds += since_last;
        }
        if let Some(command) = text.strip_prefix("APDU: ").map(bytes) {
            exchanges.push(LoggedApdu {
                command,
                response: Vec::new(),
                microseconds: 0,
            });
        } else if let Some(response) = text.strip_prefix("SW: ").map(bytes)
            && let Some(last) = exchanges.last_mut()
        {
            last.response = response;
        }
    }
    exchanges
}

fn bytes(text: &str) -> Vec<u8> {
    text.split_ascii_whitespace()
        .map_while(|byte| u8::from_str_radix(byte, 16).ok())
        .collect()
}
