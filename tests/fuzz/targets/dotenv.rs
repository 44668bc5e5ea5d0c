#![no_main]

use venvwrap_core::project::dotenv;
use venvwrap_core::project::dotenv::is_variable;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(variables) = dotenv::parse(input) else { return };
    assert!(variables.iter().map(|variable| variable.value.len()).sum::<usize>() <= 1 << 20);
    assert!(variables.iter().all(|variable| is_variable(&variable.name) && !variable.value.contains('\0')));
});
