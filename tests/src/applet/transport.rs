//! What lies between the reader and an applet: selection by (partial) name, command chaining and
//! GET RESPONSE, ISO/IEC 7816-4 §5.3 and §11.2.

use iso7816::command::{CommandBuilder, CommandView, ExpectedLen};
use iso7816::{Instruction, Status};

/// A whole command in, the response's data or a status out.
pub(super) type Handle<'h> = dyn FnMut(CommandView<'_>, &mut Reply) -> Result<(), Status> + 'h;

/// The longest response that an applet may give.
pub(super) type Reply = heapless::Vec<u8, 7609>;

/// The transport state of one session (from reset to reset).
pub(super) struct Transport {
    aid: &'static [u8],
    extended_length: bool,
    selected: bool,
    /// The data of the command chain so far.
    chain: Vec<u8>,
    /// What GET RESPONSE has yet to fetch.
    rest: Vec<u8>,
}

impl Transport {
    pub(super) fn new(aid: &'static [u8], extended_length: bool) -> Self {
        Self {
            aid,
            extended_length,
            selected: false,
            chain: Vec::new(),
            rest: Vec::new(),
        }
    }

    pub(super) fn transmit(&mut self, command: &[u8], handle: &mut Handle<'_>) -> Vec<u8> {
        let Ok(view) = CommandView::try_from(command) else {
            return status(Status::WrongLength);
        };
        if view.extended && !self.extended_length {
            return status(Status::WrongLength);
        }
        if view.instruction() == Instruction::GetResponse {
            return self.next_part(view.expected());
        }
        self.rest.clear();
        if self.chain.len() + view.data().len() > LONGEST_COMMAND {
            self.chain.clear();
            return status(Status::NotEnoughMemory);
        }
        self.chain.extend_from_slice(view.data());
        if view.class().chain().not_the_last() {
            return status(Status::Success);
        }
        let data = std::mem::take(&mut self.chain);
        match self.execute(view, data, handle) {
            Ok(reply) => {
                self.rest = reply;
                self.next_part(view.expected())
            }
            Err(refusal) => status(refusal),
        }
    }

    fn execute(
        &mut self,
        view: CommandView<'_>,
        mut data: Vec<u8>,
        handle: &mut Handle<'_>,
    ) -> Result<Vec<u8>, Status> {
        let by_name = view.instruction() == Instruction::Select && view.p1 == 0x04;
        if by_name {
            // A right-truncated name selects too (§11.2.2), down to the provider's five bytes.
            if data.len() < 5 || !(self.aid.starts_with(&data) || data.starts_with(self.aid)) {
                return Err(Status::NotFound);
            }
            data = self.aid.to_vec();
        } else if !self.selected {
            return Err(Status::NotFound);
        }
        let whole = CommandBuilder::new(
            view.class(),
            view.instruction(),
            view.p1,
            view.p2,
            data.as_slice(),
            ExpectedLen::from(u16::try_from(view.expected()).unwrap_or(u16::MAX)),
        )
        .serialize_to_vec();
        let whole = CommandView::try_from(whole.as_slice()).map_err(|_| Status::WrongLength)?;
        let mut reply = Reply::new();
        handle(whole, &mut reply)?;
        self.selected |= by_name;
        Ok(reply.to_vec())
    }

    /// As much of the response as is expected; no Le stands for 256 here, as with T=0, so that a
    /// response that nobody asked for shows as 61xx.
    fn next_part(&mut self, expected: usize) -> Vec<u8> {
        let expected = if expected == 0 { 256 } else { expected };
        let mut part: Vec<u8> = self.rest.drain(..expected.min(self.rest.len())).collect();
        let left = self.rest.len();
        let outcome = match left {
            0 => Status::Success,
            _ => Status::MoreAvailable(u8::try_from(left).unwrap_or(0)),
        };
        part.extend(status(outcome));
        part
    }
}

fn status(status: Status) -> Vec<u8> {
    <[u8; 2]>::from(status).to_vec()
}

const LONGEST_COMMAND: usize = 7609;
