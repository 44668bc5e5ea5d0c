//! Measurements, run by hand: `cargo test -p venvwrap-core seed::tests::speed -- --ignored --nocapture`.

use std::time::Instant;

use crate::wheel::testing::{cache_dir, real_interpreter, seed_pip};
use crate::wheel::{Sources, compile_pending};

/// Seeds into fresh directories and prints how long it took, without and with ready bytecode.
#[test]
#[ignore = "prints times, checks nothing"]
#[expect(clippy::print_stderr, reason = "a measurement is there to be read")]
fn seed_pip_repeatedly() {
    let Some(interpreter) = real_interpreter() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let cache = scratch.path().join("cache");
    let sources = Sources {
        wheel_pkg_dirs: vec!["/usr/share/python-wheels".into()],
        stdlibs: vec![interpreter.stdlib.clone()],
        ..Sources::default()
    };
    let mut count = 0;
    let mut once = |what: &str, cache: Option<&std::path::Path>| {
        count += 1;
        let root = scratch.path().join(format!("env{count}"));
        std::fs::create_dir(&root).unwrap();
        let start = Instant::now();
        let seeded = seed_pip(&sources, interpreter, &root, &root, cache).unwrap();
        eprintln!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
        seeded
    };
    once("no cache", None);
    let seeded = once("empty cache", Some(&cache));
    for _ in 0..10 {
        once("links", Some(&cache));
    }
    for pending in seeded.bytecode_missing {
        let start = Instant::now();
        compile_pending(cache_dir(&cache), &pending.sha256, interpreter).unwrap();
        eprintln!("bytecode: {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    }
    for _ in 0..10 {
        once("links with bytecode", Some(&cache));
    }
}
