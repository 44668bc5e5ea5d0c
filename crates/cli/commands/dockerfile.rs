//! `venvwrap dockerfile`: an image with the packages of an environment.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::distributions::Distribution;
use venvwrap_core::shell::quote;
use venvwrap_core::snapshot::borrowed::borrowed;
use venvwrap_core::snapshot::dockerfile::base::{Base, tag_of};
use venvwrap_core::snapshot::dockerfile::libraries::Library;
use venvwrap_core::snapshot::dockerfile::lock::{FILE_NAME, Lock, Selection};
use venvwrap_core::snapshot::dockerfile::text::{self, Recipe, Secrets, secret_ids};
use venvwrap_core::snapshot::dockerfile::{context, text::Installer};
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::wheel::package_sources::PackageSources;

use crate::actions::{dockerfile, find, hashed, packages};
use crate::args::DockerfileArgs;
use crate::error::Result;
use crate::process::Process;
use crate::ui::{printer, report};

/// Writes the files that an image is built from, and prints the command that builds it.
pub(crate) fn run(process: &Process, args: &DockerfileArgs) -> Result<ExitCode> {
    let environment = find::find_at(process, args.name.as_deref())?;
    let directory = process.directory(args.dir.as_deref());
    let mut packages = packages::read(process, &environment)?;
    packages::warn(&packages.installed.oddities);
    let base = match &args.base {
        Some(image) => Base::parse(image)?,
        None => Base::of(&packages.python, args.exact)?,
    };
    let command = dockerfile::command(&args.cmd)?;
    dockerfile::check(&directory, args.force)?;
    let select = |packages: &Packages| -> Result<_> {
        let selection = Selection::of(&packages.installed, &packages.python, &directory)?;
        let sources = context::sources(&directory, &selection.projects)?;
        let answer = hashed::ask(process, args.offline, false, &environment, packages)?;
        let lock = selection.lock(&answer, &packages.python)?;
        Ok((selection, sources, lock))
    };
    // The image has another base Python, without the packages that are needed of this one. No index may have them.
    let mut borrowed = Borrowed { left: borrowed(&packages), taken: Vec::new() };
    borrowed.take(&mut packages);
    let selected = match select(&packages) {
        Err(error) if !borrowed.taken.is_empty() && hashed::is_unknown(&error) => {
            report::warn_of("asking again without packages of the base Python", &error);
            borrowed.give_back(&mut packages);
            select(&packages)
        }
        selected => selected,
    };
    let (selection, sources, lock) = selected?;
    let libraries = dockerfile::libraries(&environment)?;
    let origins = dockerfile::sources(process, &environment)?;
    let recipe = Recipe {
        tag: tag_of(&environment.name().alone()),
        base,
        installer: dockerfile::installer(process, &environment, [args.uv, args.pip]),
        command,
        projects: selection.projects,
        from_source: lock.from_source.clone(),
        needs_compiler: lock.needs_compiler,
        libraries: libraries.clone(),
        secrets: Secrets { index: origins.has_own_index, certificate: origins.certificate.is_some() },
    };
    let ignore = context::dockerignore(FILE_NAME, &sources);
    dockerfile::write(&directory, [&lock.text, &ignore, &text::dockerfile(&recipe)], args.force)?;
    warn(&packages, &libraries, &origins);
    packages::tell_taken(&borrowed.taken);
    packages::tell_left_out(&environment, &borrowed.left);
    if borrowed.taken.is_empty() && borrowed.left.is_empty() {
        packages::tell_borrowed(process, &environment);
    }
    let build = build_words(process, &recipe, &origins, &directory);
    if args.json {
        printer::data(as_json(&recipe, &lock, &directory, &build)?.as_bytes())?;
    } else {
        let words: Vec<_> = build.iter().map(|word| shell_word(word)).collect();
        printer::foreign(&[words.join(&b' '), b"\n".to_vec()].concat())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A word for a shell to read, in quotes where it needs them.
fn shell_word(word: &OsStr) -> Vec<u8> {
    let is_plain = word.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"._/:=,@-".contains(byte));
    if is_plain { word.as_bytes().to_vec() } else { quote::posix(word.as_bytes()) }
}

/// The command that builds the image.
fn build_words(process: &Process, recipe: &Recipe, origins: &PackageSources, directory: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = ["docker", "build"].map(OsString::from).to_vec();
    for id in secret_ids(&recipe.installer, recipe.secrets) {
        let file = match (id, &recipe.installer) {
            ("ca", _) => origins.certificate.as_deref(),
            (_, Installer::Pip) => origins.file.as_deref(),
            (_, Installer::Uv(_)) => None,
        };
        // A comma or quote would end the value.
        let is_plain = |file: &&Path| !file.as_os_str().as_bytes().iter().any(|byte| b",\"".contains(byte));
        let file = file.filter(is_plain).unwrap_or(Path::new(if id == "uv_toml" { "uv.toml" } else { "FILE" }));
        let mut value = OsString::from(format!("id={id},src="));
        value.push(file);
        words.extend(["--secret".into(), value]);
    }
    let directory = if directory == process.cwd { OsStr::new(".") } else { directory.as_os_str() };
    words.extend(["-t".into(), recipe.tag.clone().into(), directory.to_os_string()]);
    words
}

/// Packages of the base Python that are needed.
struct Borrowed {
    /// Those that an index may have, which the image gets.
    taken: Vec<Distribution>,
    left: Vec<Distribution>,
}

impl Borrowed {
    /// Makes them the environment's own.
    fn take(&mut self, packages: &mut Packages) {
        let is_from_index = |found: &Distribution| found.direct_url.is_none() && found.editable.is_none();
        (self.taken, self.left) = std::mem::take(&mut self.left).into_iter().partition(is_from_index);
        self.mark(packages, true);
    }

    /// Undoes that.
    fn give_back(&mut self, packages: &mut Packages) {
        self.mark(packages, false);
        self.left.append(&mut self.taken);
    }

    fn mark(&self, packages: &mut Packages, is_local: bool) {
        let is_taken = |key: &str| self.taken.iter().any(|taken| taken.key == key);
        let found = packages.installed.distributions.iter_mut().filter(|found| is_taken(&found.key));
        found.for_each(|found| found.is_local = is_local);
    }
}

fn warn(packages: &Packages, libraries: &[Library], origins: &PackageSources) {
    for library in libraries {
        printer::warning(&format!(
            "`{}` needs `{}`, which the image may not have: see the Dockerfile",
            library.needed_by.join("`, `"),
            library.name
        ));
    }
    if origins.has_links {
        printer::warning("pip's setting `find-links` names directories that the build cannot read");
    }
    if packages.python.markers.sys_platform != "linux" {
        printer::warning("packages that only Linux needs are not in this environment, so they are left out");
    }
}

fn as_json(recipe: &Recipe, lock: &Lock, directory: &Path, build: &[OsString]) -> Result<String> {
    let projects = recipe.projects.iter().map(|project| json!({"name": project.key, "directory": project.directory}));
    let libraries = recipe
        .libraries
        .iter()
        .map(|library| json!({"name": library.name, "needed_by": library.needed_by, "package": library.package}));
    let value = json!({
        "directory": directory.to_string_lossy(),
        "files": dockerfile::FILES,
        "base": recipe.base.as_str(),
        "tag": recipe.tag,
        "installer": if recipe.installer == Installer::Pip { "pip" } else { "uv" },
        "packages": lock.count,
        "from_source": recipe.from_source,
        "projects": projects.collect::<Vec<_>>(),
        "libraries": libraries.collect::<Vec<_>>(),
        "secrets": secret_ids(&recipe.installer, recipe.secrets),
        "build": build.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}
