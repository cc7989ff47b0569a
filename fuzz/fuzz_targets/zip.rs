#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| buju_fuzz::read(&[("a.zip", bytes)]));
