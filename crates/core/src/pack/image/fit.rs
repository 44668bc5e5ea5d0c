//! Making an environment fit the Python of an image.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::BIN;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::fs;
use crate::pack::error::PackError;
use crate::pack::interpreter_names::{is_interpreter, is_script};
use crate::pack::scan::{Item, Origin};
use crate::pack::tree::Tree;

/// More than any `pyvenv.cfg`.
const MAX_BYTES: u64 = 64 << 10;

/// Links a tree to an interpreter, which need not exist on this machine.
pub(super) fn fit(tree: &mut Tree, python: &Path) -> Result<(), PackError> {
    let mut cfg = None;
    for item in &mut tree.items {
        if item.path == Path::new("pyvenv.cfg") {
            cfg = Some(item);
        } else if item.path.parent() == Some(Path::new(BIN)) {
            link(item, python);
        }
    }
    let Some(item) = cfg else { return Ok(()) };
    let Some(source) = item.source().map(Path::to_path_buf) else { return Ok(()) };
    let content = fs::read_limited(&source, MAX_BYTES)?;
    let renewed = tree.contents.apply(Path::new("pyvenv.cfg"), &content).content;
    item.origin = Origin::Made(configured(renewed.as_deref().unwrap_or(&content), python));
    Ok(())
}

/// Names of the interpreter lead to it, or to each other.
fn link(item: &mut Item, python: &Path) {
    let name = item.path.file_name().unwrap_or_default().as_bytes();
    let leads_out = match &item.origin {
        Origin::Link(target) => target.is_absolute(),
        Origin::File(_) => !is_script(item),
        Origin::Directory | Origin::Made(_) => false,
    };
    if leads_out && std::str::from_utf8(name).is_ok_and(is_interpreter) {
        *item = Item::link(item.path.clone(), python.to_path_buf());
    }
}

/// `pyvenv.cfg` for a Python that is known by its path only.
fn configured(content: &[u8], python: &Path) -> Vec<u8> {
    let mut cfg = PyvenvCfg::parse(content);
    let bin = python.parent().unwrap_or(Path::new("/"));
    let prefix: PathBuf = bin.parent().unwrap_or(Path::new("/")).to_path_buf();
    let values = [
        ("home", bin),
        ("executable", python),
        ("base-executable", python),
        ("base-prefix", prefix.as_path()),
        ("base-exec-prefix", prefix.as_path()),
    ];
    for (key, value) in values {
        // A path of an image with a line break is none that anybody has.
        if key == "home" || cfg.get(key).is_some() {
            let _ = cfg.set(key, &value.to_string_lossy());
        }
    }
    cfg.remove("command");
    cfg.to_bytes()
}
