//! What programs leave in an environment without a record, told by its place and content: nobody loses work with it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::carry::holds;
use crate::env::metadata::VARIABLES_FILE;
use crate::env::{BIN, kernel_spec, path_file};
use crate::fs;
use crate::relocate::launcher::is_launcher;
use crate::relocate::programs::Programs;
use crate::relocate::script::Head;

/// Directories that programs and people share, and that are looked into.
const SHARED: [&str; 5] = ["local", "share", "share/jupyter", "share/jupyter/kernels", "src"];

/// What Jupyter builds and links for its extensions, and removes itself before it builds again.
const OF_JUPYTER: [&str; 3] = ["share/jupyter/lab", "share/jupyter/labextensions", "share/jupyter/nbextensions"];

/// What Jupyter writes there when an extension is enabled; people write `.py`.
const SETTINGS_OF_JUPYTER: &str = "etc/jupyter";

/// The lists of directories next to packages that programs keep.
const PATH_FILES: [&str; 2] = [path_file::FILE_NAME, "pipx_shared.pth"];

/// The hooks that virtualenvwrapper puts into every environment; all they say is a comment.
const HOOKS: [&str; 5] = ["get_env_details", "postactivate", "postdeactivate", "preactivate", "predeactivate"];

/// How old setuptools marks its scripts.
const OF_EASY_INSTALL: &[u8] = b"# EASY-INSTALL-";

/// More than any of the files that are judged by their content.
const MAX_BYTES: u64 = 64 << 10;

/// Adds what a person may have made of what has a path in an environment, and that nobody has recorded.
pub(super) fn remainder(env: &Path, path: &Path, programs: &Programs, found: &mut Vec<PathBuf>) {
    let full = env.join(path);
    let is_empty = || matches!(holds(&full, &|name| name != ".DS_Store"), Ok(false));
    if path.ends_with("__pycache__") || is_by_product(env, path, programs) || is_empty() {
        return;
    }
    let is_shared = SHARED.iter().any(|shared| path == Path::new(shared))
        || path == Path::new("etc")
        || path.starts_with(SETTINGS_OF_JUPYTER);
    let inside = if is_shared && is_directory(&full) { names(&full) } else { Vec::new() };
    if inside.is_empty() {
        found.push(path.to_path_buf());
    }
    for name in inside {
        remainder(env, &path.join(name), programs, found);
    }
}

fn is_by_product(env: &Path, path: &Path, programs: &Programs) -> bool {
    let (full, parent) = (env.join(path), path.parent().unwrap_or(Path::new("")));
    let Some(name) = path.file_name() else { return false };
    if full.is_symlink() {
        return leads_inside(env, &full) || parent == Path::new("local") || parent.ends_with("site-packages");
    }
    if is_directory(&full) {
        return OF_JUPYTER.iter().any(|known| path == Path::new(known))
            || (parent == Path::new("share/jupyter/kernels") && is_kernel(env, &full));
    }
    let content = || fs::read_limited(&full, MAX_BYTES).unwrap_or_default();
    match parent.to_str() {
        Some("") if name == ".gitignore" || name == ".hgignore" => ignores_all(&content()),
        Some("") if name == ".project" => names_directory(&content()),
        Some("") => name == VARIABLES_FILE || name == ".Python",
        Some(BIN) if HOOKS.iter().any(|hook| name == *hook) => lines(&content()).all(|line| line.starts_with(b"#")),
        Some(BIN) => programs.has(name) || is_generated(env, &content()),
        _ if path.starts_with(SETTINGS_OF_JUPYTER) => path.extension() == Some(OsStr::new("json")),
        _ => parent.ends_with("site-packages") && PATH_FILES.iter().any(|known| name == *known),
    }
}

/// Only the link is removed.
fn leads_inside(env: &Path, link: &Path) -> bool {
    let target = std::fs::read_link(link).unwrap_or_default();
    link.parent().is_some_and(|directory| fs::absolute(directory, &target).starts_with(env))
}

/// Returns whether a list of files to ignore is what tools write: `*`, and comments.
fn ignores_all(content: &[u8]) -> bool {
    lines(content).all(|line| line == b"*" || line.starts_with(b"#"))
}

/// Returns whether a file is virtualenvwrapper's: other programs have one of this name, too.
fn names_directory(content: &[u8]) -> bool {
    lines(content).count() <= 1 && lines(content).all(|line| line.starts_with(b"/"))
}

/// Returns whether a program does nothing but call a function, as installers generate it.
fn is_generated(env: &Path, content: &[u8]) -> bool {
    let is_of_python = |head: &Head| head.is_python() && is_launcher(&content[head.length..]);
    Head::parse(content, &[env.to_path_buf()]).is_some_and(|head| is_of_python(&head))
        || memchr::memmem::find(content, OF_EASY_INSTALL).is_some()
}

/// Returns whether a kernel starts this environment's Python, and has nothing but a description and pictures.
fn is_kernel(env: &Path, kernel: &Path) -> bool {
    let is_known =
        |name: OsString| name == kernel_spec::FILE_NAME || kernel_spec::PICTURES.iter().any(|known| name == *known);
    let content = fs::read_limited(&kernel.join(kernel_spec::FILE_NAME), MAX_BYTES).unwrap_or_default();
    let start = [b"\"", env.join(BIN).as_os_str().as_bytes(), b"/"].concat();
    names(kernel).into_iter().all(is_known) && memchr::memmem::find(&content, &start).is_some()
}

fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_dir())
}

pub(super) fn names(directory: &Path) -> Vec<OsString> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
}
