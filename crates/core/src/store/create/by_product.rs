//! What programs leave in an environment without a record, told by its place and content: nobody loses work with it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::carry::holds;
use crate::env::metadata::VARIABLES_FILE;
use crate::env::{BIN, kernel_spec, path_file};
use crate::fs;
use crate::relocate::launcher::is_launcher;
use crate::relocate::programs::Programs;
use crate::relocate::script::Head;
use crate::store::lock;

/// Directories that programs and people share, and that are looked into.
const SHARED: [&str; 8] = [
    "local",
    "share",
    "share/jupyter",
    "share/jupyter/kernels",
    "share/jupyter/lab",
    EXTENSIONS,
    "share/jupyter/nbextensions",
    "src",
];

/// What `JupyterLab` makes of itself and its extensions when it is built.
const OF_LAB: [&str; 5] = ["extensions", "schemas", "staging", "static", "themes"];

/// Where `JupyterLab` has its settings; people write the rest there.
const SETTINGS_OF_LAB: &str = "share/jupyter/lab/settings";
const BUILD_OF_LAB: &str = "build_config.json";

/// Where built extensions are, each as this, or as a link to it.
const EXTENSIONS: &str = "share/jupyter/labextensions";
const OF_EXTENSION: [&str; 6] = ["build_log.json", "install.json", "package.json", "schemas", "static", "themes"];

/// What Jupyter writes there, and in the settings of `JupyterLab`, when an extension is enabled or disabled.
const SETTINGS_OF_JUPYTER: &str = "etc/jupyter";
const SWITCHES: [&str; 5] =
    ["disabledExtensions", "jpserver_extensions", "load_extensions", "lockedExtensions", "nbserver_extensions"];
const SWITCHED: [&str; 2] = ["NotebookApp", "ServerApp"];

/// The wheels that Debian's `ensurepip` puts into an environment.
const WHEELS: &str = "share/python-wheels";

/// The lists of directories next to packages that programs keep.
const PATH_FILES: [&str; 2] = [path_file::FILE_NAME, "pipx_shared.pth"];

/// The hooks that virtualenvwrapper puts into every environment; all they say is a comment.
const HOOKS: [&str; 5] = ["get_env_details", "postactivate", "postdeactivate", "preactivate", "predeactivate"];

/// How that begins and ends, and what follows it in some.
const COMMENT: &str = "# This hook is ";
const COMMENT_ENDS: [&str; 3] =
    [" this virtualenv is activated.", " this virtualenv is deactivated.", " so each name can include details."];
const COMMENT_OF_ARGUMENT: &str = "# argument: environment name";

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
        || path == Path::new(SETTINGS_OF_LAB)
        || path.starts_with(SETTINGS_OF_JUPYTER)
        || is_scope(path);
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
        let is_made =
            ["local", EXTENSIONS, "share/jupyter/nbextensions"].iter().any(|known| parent == Path::new(known));
        return leads_inside(env, &full) || is_made || is_scope(parent) || parent.ends_with("site-packages");
    }
    if is_directory(&full) {
        let is_in = |directory: &str| parent == Path::new(directory);
        return (is_in("share/jupyter/lab") && is_among(name, &OF_LAB))
            || ((is_in(EXTENSIONS) || is_scope(parent))
                && names(&full).iter().all(|name| is_among(name, &OF_EXTENSION)))
            || (is_in("share/jupyter/kernels") && is_kernel(env, &full))
            || (path == Path::new(WHEELS) && names(&full).iter().all(|name| name.as_bytes().ends_with(b".whl")))
            || (is_in("") && lock::is_left(&full));
    }
    let is = |judge: &dyn Fn(&[u8]) -> bool| fs::read_limited(&full, MAX_BYTES).is_ok_and(|content| judge(&content));
    match parent.to_str() {
        Some("") if name == ".gitignore" || name == ".hgignore" => is(&ignores_all),
        Some("") if name == ".project" => is(&names_directory),
        Some("") => name == VARIABLES_FILE || name == ".Python",
        Some(BIN) if is_among(name, &HOOKS) => is(&is_stub),
        Some(BIN) => programs.has(name) || is(&|content| is_generated(env, content)),
        Some(SETTINGS_OF_LAB) => name == BUILD_OF_LAB || is(&only_switches),
        _ if path.starts_with(SETTINGS_OF_JUPYTER) => is(&only_switches),
        _ => parent.ends_with("site-packages") && is_among(name, &PATH_FILES),
    }
}

fn is_among(name: &OsStr, known: &[&str]) -> bool {
    known.iter().any(|known| name == *known)
}

/// Returns whether extensions of one publisher are there.
fn is_scope(path: &Path) -> bool {
    let is_named = |name: &OsStr| name.as_bytes().starts_with(b"@");
    path.parent() == Some(Path::new(EXTENSIONS)) && path.file_name().is_some_and(is_named)
}

/// Returns whether a hook is as virtualenvwrapper has made it.
fn is_stub(content: &[u8]) -> bool {
    let is_made = |line: &[u8]| {
        let has_end = || COMMENT_ENDS.iter().any(|end| line.ends_with(end.as_bytes()));
        line == COMMENT_OF_ARGUMENT.as_bytes() || (line.starts_with(COMMENT.as_bytes()) && has_end())
    };
    let mut said = lines(content).enumerate().filter(|(at, line)| *at > 0 || !line.starts_with(b"#!"));
    said.all(|(_, line)| is_made(line))
}

/// Returns whether settings say nothing but which extensions are enabled.
fn only_switches(content: &[u8]) -> bool {
    serde_json::from_slice(content).is_ok_and(|settings| are_switches(&settings))
}

fn are_switches(settings: &Value) -> bool {
    let is_list = |value: &Value| value.as_object().is_some_and(|list| list.values().all(Value::is_boolean));
    let is_known = |(key, value): (&String, &Value)| {
        (SWITCHES.contains(&key.as_str()) && is_list(value))
            || (SWITCHED.contains(&key.as_str()) && are_switches(value))
    };
    settings.as_object().is_some_and(|settings| settings.iter().all(is_known))
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
