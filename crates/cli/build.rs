//! Asks the linker for what makes the program smaller and lets it start sooner.
//!
//! The releases have no tables by which a stack is unwound. A panic ends the program, which has no names to show. The
//! tables would be a tenth of it. They come with the standard library and with code in C, so that no option of the
//! compiler leaves them out. Only LLVM's linker can: the releases, for musl, are linked with it (`.cargo/config.toml`).
//!
//! A program that is linked statically with glibc gets the addresses that are relocated at its start as a bitmap, as the
//! releases do: the table is thirty times as large, and is read at every start.

use std::env::var;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=crates/cli/no_unwinding.ld");
    println!("cargo::rerun-if-changed=crates/cli/build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let is = |name: &str, part: &str| var(name).is_ok_and(|value| value.contains(part));
    let is_lld = is("RUSTC_LINKER", "lld");
    if is("CARGO_CFG_TARGET_ENV", "musl") && is_lld {
        let directory = var("CARGO_MANIFEST_DIR").expect("cargo sets it");
        println!("cargo::rustc-link-arg-bins=-T{directory}/crates/cli/no_unwinding.ld");
    }
    let is_static = is("CARGO_CFG_TARGET_ENV", "gnu") && is("CARGO_CFG_TARGET_FEATURE", "crt-static");
    if is_static && !is_lld && var("HOST") == var("TARGET") && reads_bitmaps() {
        // A linker that does not know it says so and goes on.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Returns whether the C library of this machine, which the program is linked with, reads such a bitmap.
fn reads_bitmaps() -> bool {
    let Ok(said) = Command::new("getconf").arg("GNU_LIBC_VERSION").output() else { return false };
    let said = String::from_utf8_lossy(&said.stdout);
    let version = said.trim().strip_prefix("glibc ").and_then(|version| version.split_once('.'));
    version.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?))) >= Some((2_u32, 36_u32))
}
