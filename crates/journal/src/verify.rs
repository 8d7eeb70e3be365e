//! Checking a journal against its checkpoints.
