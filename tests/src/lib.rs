//! The test bench: real parts, started for one test run.
