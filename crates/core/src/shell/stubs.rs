//! The empty hook scripts that virtualenvwrapper leaves for its users to fill in, with its names and modes.

use std::io::ErrorKind;
use std::path::Path;

use super::event::{Event, Kind, Place};
use crate::fs::entry::Entry;
use crate::fs::{self, PathResult};

/// Makes the hooks of the directory of hooks that are missing, and the directory; `shell` is the interpreter they name.
pub fn write_global(directory: &Path, shell: &str) -> PathResult<()> {
    fs::create_dir_all(directory, 0o777)?;
    write_all(Place::Global, shell, &|name| Entry::at(&directory.join(name)))
}

/// Makes the hooks of an environment that are missing, in its `bin`; a `bin` that is a link out of it is refused.
pub fn write_local(env: &Path, shell: &str) -> PathResult<()> {
    write_all(Place::Environment, shell, &|name| Entry::below(env, &Path::new("bin").join(name)))
}

fn write_all(place: Place, shell: &str, entry: &dyn Fn(&str) -> PathResult<Entry>) -> PathResult<()> {
    for event in Event::all().filter(|event| event.places().contains(&place)) {
        if let Some(mode) = event.stub_mode() {
            write(&entry(event.name())?, &content(event, place, shell), mode)?;
        }
    }
    Ok(())
}

/// A script of comments that says when the hook takes part.
fn content(event: Event, place: Place, shell: &str) -> String {
    let how = match event.kind() {
        Kind::Run => "Run",
        Kind::Sourced => "Sourced",
    };
    let moment = match place {
        Place::Environment => event.moment().replace("an environment", "this environment"),
        Place::Global | Place::Project => event.moment().to_string(),
    };
    let argument = match event.argument() {
        "" => String::new(),
        argument => format!("\n# Argument: {argument}."),
    };
    format!("#!{shell}\n# {how} {moment}.{argument}\n\n")
}

/// A link counts as there, also one that leads nowhere: people keep their hooks elsewhere and link to them. What appears
/// meanwhile is never replaced.
fn write(entry: &Entry, content: &str, mode: u32) -> PathResult<()> {
    if entry.is_there() {
        return Ok(());
    }
    match entry.create(content.as_bytes(), mode) {
        Err(error) if error.source.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn stubs_are_stubs_and_have_the_modes_of_virtualenvwrapper() {
        let directory = tempfile::tempdir().unwrap();
        write_global(directory.path(), "/bin/bash").unwrap();
        let mut found: Vec<_> = std::fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                assert!(crate::shell::hooks::is_stub(&std::fs::read(&path).unwrap()), "{}", path.display());
                let mode = path.metadata().unwrap().permissions().mode() & 0o777;
                format!("{mode:o} {}", path.file_name().unwrap().to_string_lossy())
            })
            .collect();
        found.sort();
        let expected = "644 initialize, 644 postactivate, 644 postdeactivate, 644 postmkvirtualenv, 644 predeactivate, \
            755 get_env_details, 755 postmkproject, 755 postrmvirtualenv, 755 preactivate, 755 premkproject, \
            755 premkvirtualenv, 755 prermvirtualenv";
        assert_eq!(found.join(", "), expected);
    }

    #[test]
    fn what_is_there_stays() {
        let env = tempfile::tempdir().unwrap();
        let bin = env.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::fs::write(bin.join("preactivate"), "mine").unwrap();
        std::os::unix::fs::symlink("nowhere", bin.join("postactivate")).unwrap();
        write_local(env.path(), "/bin/sh").unwrap();
        assert_eq!(std::fs::read_to_string(bin.join("preactivate")).unwrap(), "mine");
        assert!(bin.join("postactivate").symlink_metadata().unwrap().is_symlink());
        assert!(bin.join("predeactivate").is_file());
    }

    #[test]
    fn nothing_is_written_through_a_link_out_of_the_environment() {
        let (env, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(outside.path(), env.path().join("bin")).unwrap();
        assert!(write_local(env.path(), "/bin/sh").is_err());
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
