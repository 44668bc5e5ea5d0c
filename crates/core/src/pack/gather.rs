//! From an environment to the tree that is written: what comes along, what is made, and what stays behind.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::contents::Contents;
use super::destination;
use super::editable::{self, Packages};
use super::error::PackError;
use super::glob::Glob;
use super::interpreter_names::{is_interpreter, is_interpreter_of, is_library_of_python, is_script, is_script_at};
use super::layout::Layout;
use super::manifest::{LeftOut, is_too_old};
use super::safe_name::can_be_unpacked;
use super::scan::{Item, Origin, scan};
use super::tree::{Time, Tree, sorted};
use super::{libraries, runtime, secrets};
use crate::env::health::has_lost_cfg;
use crate::env::packages::version_of;
use crate::env::{BIN, Environment, direct_url, elsewhere, metadata};
use crate::fs::{self, PathContext};
use crate::python::Interpreter;
use crate::relocate::activation;
use crate::relocate::rewrite::is_bytecode;
use crate::shell::activate::{self, Script};
use crate::store::create::copied_names;

/// The name in `bin` that its other names lead to.
const PYTHON: &str = "python";

/// More than any `pip.conf`.
const MAX_BYTES: u64 = 1 << 20;

/// The script that makes an unpacked environment fit its place.
const FIX: &str = include_str!("venvwrap-fix.sh");

/// What to do about packages whose files are outside of the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OnEditable {
    /// Fail.
    #[default]
    Fail,
    /// Leave them out.
    Skip,
    /// Take what was installed from them, as `pip install --target` does it, into this directory.
    Copy(PathBuf),
}

/// What of an environment comes along, and in which form.
#[derive(Clone, Debug)]
pub struct GatherRequest<'a> {
    /// Where it is meant to be.
    pub layout: Layout,
    /// The base Python; what depends on it is left unsaid when it is not known.
    pub interpreter: Option<&'a Interpreter>,
    /// Patterns of paths that stay behind.
    pub exclude: Vec<OsString>,
    /// Whether compiled files come along.
    pub bytecode: bool,
    /// What happens to editable packages.
    pub on_editable: OnEditable,
    /// Whether files with passwords come along.
    pub with_secrets: bool,
    /// The time of every entry, in seconds since 1970, instead of their own.
    pub time: Option<u64>,
    /// Whether what only this program and version control look at stays behind, and permissions become the usual ones.
    pub for_system: bool,
}

/// Finds out what is to be written, and what is not.
pub(crate) fn gather(environment: &Environment, request: &GatherRequest<'_>) -> Result<(Tree, LeftOut), PackError> {
    let real = environment.path().canonicalize().at("read", environment.path())?;
    if crate::env::is_of_conda(&real) {
        return Err(PackError::Conda { path: environment.path().to_path_buf() });
    }
    elsewhere::check(environment.path())?;
    if has_lost_cfg(environment) {
        return Err(PackError::NoConfiguration { name: environment.name().clone() });
    }
    if let Layout::Fixed(destination) = &request.layout {
        let check = if request.for_system { destination::check_of_system } else { destination::check };
        check(destination)?;
    }
    let library = crate::env::import_path::library_name(environment);
    check_python(environment, library.as_deref(), request)?;
    let mut packages = editable::packages(environment, &real);
    if request.on_editable == OnEditable::Fail && !packages.editable.is_empty() {
        return Err(PackError::Editable { names: packages.editable });
    }
    let projects = packages.projects.clone();
    let contents = Contents::new(environment, &real, &request.layout, projects, request.with_secrets);
    let mut gathering = Gathering {
        real: &real,
        library,
        is_of_copy: is_linked_again(request) && copied_names(environment).is_ok_and(|names| !names.is_empty()),
        request,
        packages: &packages,
        contents: &contents,
        left_out: LeftOut::default(),
        has_secrets: false,
        replaced: Vec::new(),
    };
    let mut items = gathering.own_items()?;
    let Gathering { mut left_out, has_secrets, replaced, .. } = gathering;
    items.extend(made(environment, request, &contents)?);
    if let OnEditable::Copy(directory) = &request.on_editable {
        items.extend(installed(environment, directory)?);
        let copied = std::mem::take(&mut packages.editable_versions);
        packages.all.extend(copied);
        packages.all.sort();
        packages.editable.clear();
    }
    let moved = move_packages(&mut items, request);
    if let (Layout::WithPython, Some(interpreter)) = (&request.layout, request.interpreter) {
        items.extend(runtime::items(interpreter)?);
    }
    let items = sorted(items);
    let needs = libraries::needs(&items, &replaced);
    let newest = items.iter().filter(|item| !matches!(item.origin, Origin::Directory)).map(|item| item.mtime).max();
    let time = request.time.map_or(Time::Newest(newest.unwrap_or(0)), Time::Fixed);
    left_out.editable.clone_from(&packages.editable);
    Ok((Tree { items, contents, moved, needs, packages, time, has_secrets }, left_out))
}

/// What was installed into a directory, where it belongs in an environment.
fn installed(environment: &Environment, directory: &Path) -> Result<Vec<Item>, PackError> {
    let library = crate::env::import_path::library_name(environment)
        .ok_or_else(|| PackError::NoLibrary { name: environment.name().clone() })?;
    let site = Path::new("lib").join(library).join("site-packages");
    let place = |path: &Path| if path.starts_with(BIN) { path.to_path_buf() } else { site.join(path) };
    let found = scan(directory, &|path, _| path.file_name().is_none_or(|name| name != "__pycache__"))?;
    Ok(found.items.into_iter().map(|item| Item { path: place(&item.path), ..item }).collect())
}

fn check_python(
    environment: &Environment,
    library: Option<&str>,
    request: &GatherRequest<'_>,
) -> Result<(), PackError> {
    if request.layout != Layout::WithPython {
        return Ok(());
    }
    let checked = request.interpreter.ok_or_else(|| why_no_python(library)).and_then(runtime::check);
    checked.map_err(|reason| PackError::NoPython { name: environment.name().to_string(), reason })
}

/// Returns whether a copy of the interpreter becomes a link, here or by the script that makes the environment fit.
fn is_linked_again(request: &GatherRequest<'_>) -> bool {
    request.interpreter.is_some() || !matches!(request.layout, Layout::Fixed(_))
}

/// Returns whether the base of an environment can come along, as far as that is known.
pub fn can_have_python(base: Option<&Interpreter>) -> bool {
    base.is_some_and(|interpreter| runtime::check(interpreter).is_ok())
}

/// Returns why the base of an environment is not packed, where that is not known.
pub fn without_python(environment: &Environment) -> PackError {
    let library = crate::env::import_path::library_name(environment);
    PackError::NoPython { name: environment.name().to_string(), reason: why_no_python(library.as_deref()) }
}

/// Why the base of an environment with this library directory is not known.
fn why_no_python(library: Option<&str>) -> &'static str {
    let version = library.and_then(|library| library.strip_prefix("python"));
    if version.is_some_and(is_too_old) { "it is older than 3.8" } else { "it is missing" }
}

/// A Python that is no environment may look for packages elsewhere.
fn move_packages(items: &mut [Item], request: &GatherRequest<'_>) -> Option<(PathBuf, PathBuf)> {
    let interpreter = request.interpreter.filter(|_| request.layout == Layout::WithPython)?;
    let from = Path::new("lib").join(interpreter.lib_dir_name()).join("site-packages");
    let to = runtime::site_packages(interpreter);
    if from == to {
        return None;
    }
    for item in items {
        if let Ok(rest) = item.path.strip_prefix(&from) {
            item.path = if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
        }
    }
    Some((from, to))
}

struct Gathering<'a> {
    real: &'a Path,
    /// The name of its library directory.
    library: Option<String>,
    /// Whether its interpreter is a copy, which needs the library next to it, and a link to a base takes its place.
    is_of_copy: bool,
    request: &'a GatherRequest<'a>,
    packages: &'a Packages,
    contents: &'a Contents,
    left_out: LeftOut,
    /// Whether something that comes along holds a password.
    has_secrets: bool,
    /// Copies of the interpreter whose place a link takes where the environment will be.
    replaced: Vec<PathBuf>,
}

impl Gathering<'_> {
    /// What is in the environment itself.
    fn own_items(&mut self) -> Result<Vec<Item>, PackError> {
        let exclude: Vec<Glob> = self.request.exclude.iter().map(|pattern| Glob::new(pattern.as_bytes())).collect();
        let is_wanted = |path: &Path, is_directory: bool| {
            !exclude.iter().any(|glob| glob.matches(path)) && !self.is_left_out(path, is_directory)
        };
        let found = scan(self.real, &is_wanted)?;
        self.left_out.special = found.special;
        Ok(found.items.into_iter().filter_map(|item| self.fitting(item)).collect())
    }

    /// What never comes along.
    fn is_left_out(&self, path: &Path, is_directory: bool) -> bool {
        let name = path.file_name().unwrap_or_default();
        let is_top = path.components().count() == 1;
        // Of no use to anybody else: who uses it, half-written files, what we know about it.
        let is_ours = fs::is_own_hidden(name) || (is_top && (name == metadata::FILE_NAME || name == ".lock"));
        let keeps_bytecode = self.request.bytecode && self.request.time.is_none();
        let is_compiled = !keeps_bytecode && if is_directory { name == "__pycache__" } else { is_compiled(path) };
        let is_local = self.request.for_system
            && is_top
            && [".gitignore", "CACHEDIR.TAG", ".project"].iter().any(|local| name == *local);
        is_ours || is_compiled || is_local || self.packages.files.contains(path)
    }

    /// An item as it comes along; none for what does not after all.
    fn fitting(&mut self, mut item: Item) -> Option<Item> {
        let in_bin = item.path.parent() == Some(Path::new(BIN));
        let name = item.path.file_name().unwrap_or_default().to_os_string();
        let with_python = self.request.layout == Layout::WithPython;
        let is_regenerated = !matches!(self.request.layout, Layout::Fixed(_));
        if self.is_of_copy && is_library_of_python(&item.path) {
            return None;
        } else if in_bin && self.is_own_interpreter(&item) {
            if is_regenerated && item.source().is_some() {
                self.replaced.push(item.path.clone());
            }
            return (!with_python).then(|| self.interpreter(item));
        } else if in_bin && is_interpreter(&name.to_string_lossy()) && matches!(item.origin, Origin::Link(_)) {
            return (!with_python).then_some(item);
        }
        if with_python && (item.path == Path::new("pyvenv.cfg") || item.path == Path::new("lib64")) {
            return None;
        }
        if in_bin && is_regenerated && (is_own_script(&name) || name == "venvwrap-fix") {
            return None;
        }
        if !self.request.for_system && !self.has_good_name(&item) {
            return None;
        }
        if self.is_secret(&item) {
            if !self.request.with_secrets {
                self.left_out.secrets.push(item.path);
                return None;
            }
            self.has_secrets = true;
        }
        if let Origin::Link(target) = &item.origin {
            let Some(target) = self.contents.link(&item.path, target) else {
                self.left_out.links.push(item.path);
                return None;
            };
            item.origin = Origin::Link(target);
        }
        if self.request.for_system && !matches!(item.origin, Origin::Link(_)) {
            let is_executable = matches!(item.origin, Origin::Directory) || item.mode & 0o111 != 0;
            item.mode = if is_executable { 0o755 } else { 0o644 };
        }
        Some(item)
    }

    /// Returns whether something in `bin` is the interpreter of the environment. A script is none, unless the interpreter
    /// comes along and has its name; neither is what has the version of another Python in its name.
    fn is_own_interpreter(&self, item: &Item) -> bool {
        let name = item.path.file_name().unwrap_or_default().to_string_lossy();
        let is_kind = match &item.origin {
            Origin::Link(_) => true,
            Origin::Directory => false,
            _ => self.request.layout == Layout::WithPython || !is_script(item),
        };
        is_kind && self.library.as_deref().is_some_and(|library| is_interpreter_of(&name, library))
    }

    /// A name of the interpreter: what may be a copy, or a link to another name of it, is one link to the base. Who links
    /// that to another Python has all of them, and an upgrade of the base leaves no old program here.
    fn interpreter(&self, item: Item) -> Item {
        let Some(base) = self.request.interpreter else { return item };
        let hub = self.real.join(BIN).join(PYTHON);
        // Where somebody's script has that name, every other one leads to the base.
        let is_first = item.path.ends_with(PYTHON) || !hub.exists() || is_script_at(&hub);
        let target = if is_first { base.executable.clone() } else { PYTHON.into() };
        Item { mtime: item.mtime, ..Item::link(item.path, target) }
    }

    /// Returns whether unpacking would not refuse the whole archive because of an item's name; notes it if so.
    fn has_good_name(&mut self, item: &Item) -> bool {
        let target = if let Origin::Link(target) = &item.origin { Some(target.as_path()) } else { None };
        let is_good = can_be_unpacked(&item.path, target);
        // What is in a directory stays behind with it.
        if !is_good && item.path.parent().is_none_or(|above| can_be_unpacked(above, None)) {
            self.left_out.names.push(item.path.clone());
        }
        is_good
    }

    fn is_secret(&self, item: &Item) -> bool {
        let full = self.real.join(&item.path);
        let is_file = !matches!(item.origin, Origin::Directory);
        let content = || fs::read_limited(&full, MAX_BYTES).ok();
        is_file && (secrets::is_secret(&item.path, &content) || self.has_password(item, &content))
    }

    /// Returns whether a file has a password in its address, which is taken out unless all secrets come along.
    fn has_password(&self, item: &Item, content: &dyn Fn() -> Option<Vec<u8>>) -> bool {
        let is_kept = self.request.with_secrets && item.path.ends_with(direct_url::FILE_NAME);
        is_kept && content().is_some_and(|content| secrets::redacted(&item.path, &content).is_some())
    }
}

/// What an environment without a place needs: scripts that find it, and the one that makes it fit.
fn made(environment: &Environment, request: &GatherRequest<'_>, contents: &Contents) -> Result<Vec<Item>, PackError> {
    if matches!(request.layout, Layout::Fixed(_)) {
        return Ok(Vec::new());
    }
    let mut items = Vec::new();
    for script in Script::ALL {
        let text = activate::render_self_locating(script, contents.prompt())?;
        let names = activate::file_names(script).iter();
        items.extend(names.map(|name| Item::made(Path::new(BIN).join(name), text.clone(), 0o644)));
    }
    let fix = fix_script(environment, request)?;
    items.push(Item::made(Path::new(BIN).join("venvwrap-fix"), fix.into_bytes(), 0o755));
    Ok(items)
}

fn fix_script(environment: &Environment, request: &GatherRequest<'_>) -> Result<String, PackError> {
    let library = crate::env::import_path::library_name(environment)
        .ok_or_else(|| PackError::NoLibrary { name: environment.name().clone() })?;
    let (major, minor) = version_of(&library).unwrap_or_default();
    let implementation = if library.starts_with("pypy") { "pypy" } else { "cpython" };
    let abiflags = request.interpreter.map_or("", |interpreter| interpreter.abiflags.as_str());
    let flags: String = abiflags.chars().filter(|c| c.is_ascii_lowercase() && *c != 'm').collect();
    let complete = if request.layout == Layout::WithPython { "yes" } else { "no" };
    Ok(FIX
        .replace("@MINOR@", &format!("{major}.{minor}"))
        .replace("@IMPLEMENTATION@", implementation)
        .replace("@FLAGS@", &flags)
        .replace("@COMPLETE@", complete))
}

fn is_compiled(path: &Path) -> bool {
    // Without a source next to it a compiled file is the program.
    is_bytecode(path) && path.parent().is_some_and(|parent| parent.ends_with("__pycache__"))
}

fn is_own_script(name: &std::ffi::OsStr) -> bool {
    activation::is_script(name)
}
