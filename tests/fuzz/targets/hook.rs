#![no_main]

use venvwrap_core::shell::hooks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = hooks::is_stub(input);
});
