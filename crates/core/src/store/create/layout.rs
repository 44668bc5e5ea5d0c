//! The files of a new environment, except what the seeds install: directories, links, `pyvenv.cfg`, activation scripts.

use std::path::Path;

use super::{CreateError, CreateOptions, CreateRequest, copies};
use crate::env::Environment;
use crate::env::metadata::{self, Metadata};
use crate::env::prompt_name;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::fs::{self, PathContext, PathResult};
use crate::python::{Implementation, Interpreter};
use crate::shell::activate::{self, Activation};

/// The text by which backup programs know a directory that need not be saved; virtualenv's.
const CACHEDIR_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # This file is a cache directory tag created by Python virtualenv.\n\
    # For information about cache directory tags, see:\n\
    #   https://bford.info/cachedir/";

/// Tells git to leave the environment out, in the words by which virtualenv and its tests know the file.
const VCS_IGNORE: &[u8] = b"# created by virtualenv automatically\n*\n";

/// Writes everything but the seeds into the directory `root`, which must not exist yet. `now` is the time of creation,
/// in seconds since 1970.
pub(super) fn write(
    environment: &Environment,
    root: &Path,
    request: &CreateRequest<'_>,
    now: u64,
) -> Result<(), CreateError> {
    let (interpreter, options) = (request.interpreter, &request.options);
    directories(root, interpreter, options.copies)?;
    interpreter_links(root, interpreter, options.copies)?;
    for (name, content) in scripts(environment, options)? {
        // Two of the names differ in case only, and some file systems do not tell them apart.
        match fs::write_new(&root.join("bin").join(name), &content, 0o666) {
            Err(error) if error.source.kind() == std::io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
    }
    let cfg = configuration(&PyvenvCfg::default(), environment, request)?;
    fs::write_new(&root.join("pyvenv.cfg"), &cfg.to_bytes(), 0o666)?;
    if options.vcs_ignore {
        fs::write_new(&root.join(".gitignore"), VCS_IGNORE, 0o666)?;
    }
    fs::write_new(&root.join("CACHEDIR.TAG"), CACHEDIR_TAG.as_bytes(), 0o666)?;
    fs::write_new(&metadata::path(root), metadata(options, now, false).to_toml().as_bytes(), 0o666)?;
    Ok(())
}

/// The activation scripts: name and content.
pub(super) fn scripts(
    environment: &Environment,
    options: &CreateOptions,
) -> Result<Vec<(&'static str, Vec<u8>)>, CreateError> {
    let prompt = prompt(environment, options);
    let values = Activation { env: environment.path(), prompt: &prompt };
    let mut files = Vec::new();
    for &script in &options.activators {
        let content = activate::render(script, &values)?;
        files.extend(activate::file_names(script).iter().map(|&name| (name, content.clone())));
    }
    Ok(files)
}

/// `pyvenv.cfg` of the environment, made from what is in `old` already (PEP 405).
///
/// `home` comes first because the launcher on Windows reads only the beginning. CPython takes a missing
/// `include-system-site-packages` for true, so it is always written.
pub(super) fn configuration(
    old: &PyvenvCfg,
    environment: &Environment,
    request: &CreateRequest<'_>,
) -> Result<PyvenvCfg, CreateError> {
    let (interpreter, options) = (request.interpreter, &request.options);
    let executable = interpreter.executable.canonicalize().unwrap_or_else(|_| interpreter.executable.clone());
    let version = &interpreter.version;
    let mut cfg = old.clone();
    let values = [
        ("home", interpreter.home().to_string_lossy().into_owned()),
        ("include-system-site-packages", options.system_site_packages.to_string()),
        ("version", format!("{}.{}.{}", version.major, version.minor, version.micro)),
        ("version_info", version.five_part_text()),
        ("python-version", version.minor_text()),
        ("implementation", interpreter.implementation.name().to_string()),
        ("executable", executable.to_string_lossy().into_owned()),
        ("venvwrap", env!("CARGO_PKG_VERSION").to_string()),
    ];
    for (key, value) in values {
        cfg.set(key, &value)?;
    }
    cfg.set_prompt(&prompt(environment, options))?;
    Ok(cfg)
}

/// The names of the links to the interpreter besides `python` itself.
pub(crate) fn link_names(interpreter: &Interpreter) -> Vec<String> {
    let version = interpreter.version.minor_text();
    let mut names = vec!["python3".to_string(), format!("python{version}")];
    if interpreter.is_free_threaded() {
        names.push(format!("python{version}t"));
    }
    match interpreter.implementation {
        Implementation::CPython => {}
        Implementation::PyPy => names.extend(["pypy3".to_string(), "pypy".to_string()]),
        Implementation::GraalPy => names.push("graalpy".to_string()),
    }
    names
}

fn prompt(environment: &Environment, options: &CreateOptions) -> String {
    let name =
        || prompt_name::of_path(environment.path()).map_or_else(|| environment.name().to_string(), str::to_owned);
    options.prompt.clone().unwrap_or_else(name)
}

/// What is noted of a new environment. `filled` says that its directory held other files before.
pub(super) fn metadata(options: &CreateOptions, now: u64, filled: bool) -> Metadata {
    Metadata {
        created: Some(now),
        version: Some(env!("CARGO_PKG_VERSION").to_string()),
        requested_python: options.requested_python.clone(),
        temporary: options.owner.clone(),
        path: None,
        left: None,
        filled: filled.then_some(true),
        bare: options.activators.is_empty().then_some(true),
    }
}

fn directories(root: &Path, interpreter: &Interpreter, without_links: bool) -> PathResult<()> {
    let library = root.join("lib").join(interpreter.lib_dir_name());
    for directory in [root, &root.join("bin"), &root.join("include"), &root.join("lib"), &library] {
        fs::create_dir(directory, 0o777)?;
    }
    fs::create_dir(&library.join("site-packages"), 0o777)?;
    // Where platlib differs from purelib the difference must not show: the same rule as the standard library's venv.
    // Without it pip makes the directory when a package needs it, as in environments of virtualenv.
    if interpreter.is_64bit && interpreter.platform != "darwin" && !without_links {
        let link = root.join("lib64");
        std::os::unix::fs::symlink("lib", &link).at("link", &link)?;
    }
    Ok(())
}

fn interpreter_links(root: &Path, interpreter: &Interpreter, copy: bool) -> PathResult<()> {
    let python = root.join("bin/python");
    if copy {
        return copies::copy(root, interpreter, &[link_names(interpreter), vec!["python".to_string()]].concat());
    }
    std::os::unix::fs::symlink(&interpreter.executable, &python).at("link", &python)?;
    for name in link_names(interpreter) {
        let link = root.join("bin").join(name);
        std::os::unix::fs::symlink("python", &link).at("link", &link)?;
    }
    Ok(())
}
