#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lichna_fuzz::crl(data));
