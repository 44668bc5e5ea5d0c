#![no_main]

use venvwrap_core::shell::quote;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if input.contains(&0) {
        return;
    }
    let words = [quote::posix(input), quote::bash_zsh(input), quote::fish(input), quote::python(input)];
    assert!(words.iter().all(|word| word.len() <= 4 * input.len() + 3));
    assert!(!words[1].contains(&b'\n') && words[3].is_ascii());
    assert!(quote::csh(input).is_none_or(|word| !word.contains(&b'\n')));
    let _ = (quote::powershell(input), quote::nushell(input));
});
