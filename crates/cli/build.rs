//! Leaves the tables out of the releases by which a stack is unwound.
//!
//! A panic ends the program, which has no names to show. The tables would be a tenth of it. They come with the standard
//! library and with code in C, so that no option of the compiler leaves them out. Only LLVM's linker can: the releases,
//! for musl, are linked with it (`.cargo/config.toml`).

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=crates/cli/no_unwinding.ld");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let is = |name: &str, part: &str| var(name).is_ok_and(|value| value.contains(part));
    if is("CARGO_CFG_TARGET_ENV", "musl") && is("RUSTC_LINKER", "lld") {
        let directory = var("CARGO_MANIFEST_DIR").expect("cargo sets it");
        println!("cargo::rustc-link-arg-bins=-T{directory}/crates/cli/no_unwinding.ld");
    }
}
