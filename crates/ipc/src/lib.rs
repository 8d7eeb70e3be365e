//! The agent's protocol: types, frames, transport, peer check, client.
