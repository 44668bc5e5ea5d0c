//! Damaged answers of interpreters, and requests and names in every form.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use super::answer::Raw;
use super::base;
use super::cache::Cache;
use super::manager::Manager;
use super::selection;
use super::testing::{Sandbox, answer};
use super::wanted::Wanted;
use super::{Guess, Request};
use crate::mutation::check_mutations;

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

#[test]
fn an_answer_is_about_the_path_that_was_asked() {
    let path = Path::new("/opt/py/bin/python3.12");
    check_mutations(&[answer(3, 12, 1, "/opt/py"), answer(3, 8, 0, "/nowhere/\\u00e9")], |input| {
        let Ok(raw) = serde_json::from_slice::<Raw>(input) else { return };
        let version = raw.version();
        if let Some(answer) = raw.into_answer(path) {
            assert_eq!((answer.interpreter.executable.as_path(), &answer.interpreter.version), (path, &version));
            assert!(answer.interpreter.stdlib.is_absolute());
            let _ = (answer.interpreter.guess().to_string(), answer.interpreter.lib_dir_name());
            let _ = (version.to_string(), version.five_part_text());
        }
    });
}

#[test]
fn requests_of_every_form_are_understood_or_refused() {
    let seeds =
        ["3", "3.12", "312", "3.14.0rc1", "3.13t-64", "pypy@3.9", ">=3.11,<3.13", "~=3.12.1", "~/py/bin", "./x"];
    let sandbox = Sandbox::new();
    sandbox.python("opt", 3, 12, 1);
    let interpreter = sandbox.find(&sandbox.shown("opt/bin/python3.12")).unwrap();
    check_mutations(&seeds, |input| {
        let request = OsString::from_vec(input.to_vec());
        if let Err(error) = Request::parse(&request, Path::new("/srv"), Some(Path::new("/home/me"))) {
            assert!(!error.to_string().is_empty());
        }
        if let Ok(Some(wanted)) = Wanted::parse(&text(input)) {
            let _ = (wanted.matches(&interpreter), wanted.file_names());
            let _ = wanted.allows(&interpreter.guess());
        }
    });
}

#[test]
fn names_of_files_and_directories_tell_something_or_nothing() {
    let seeds =
        ["python3.12", "python3.13t", "pypy3.9", "3.13t-dev", "cpython-3.12.7+freethreaded-linux", "graalpy-24.1.0"];
    check_mutations(&seeds, |input| {
        let name = text(input);
        let guesses = Guess::of_executable(&name).into_iter().chain([Guess::of_directory(&name)]);
        for guess in guesses {
            let _ = (guess.to_string(), guess.newest_first(), guess.may_be_supported());
        }
    });
}

#[test]
fn files_of_version_managers_select_words() {
    let mut sandbox = Sandbox::new();
    sandbox.set("MISE_PYTHON_VERSION", "");
    for (manager, file, seed) in [
        (Manager::Pyenv, ".python-version", "3.12.1 # mine\r\n3.11\n"),
        (Manager::Asdf, ".tool-versions", "nodejs 20\npython 3.12.1 3.11 # no\n"),
        (Manager::Mise, "mise.toml", "[tools]\npython = [\"3.12\", { version = \"3.11\" }]\nnode = 20\n"),
    ] {
        check_mutations(&[seed], |input| {
            std::fs::write(sandbox.cwd.join(file), input).unwrap();
            let names = sandbox.search(|search| selection::names(&manager.place(search).unwrap(), search));
            assert!(names.len() <= input.len(), "{names:?}");
        });
        std::fs::remove_file(sandbox.cwd.join(file)).unwrap();
    }
}

#[test]
fn a_damaged_environment_names_an_absolute_home_or_none() {
    check_mutations(&["home = /usr/bin\nversion = 3.11.2\n", "HOME=rel\r\nversion_info=3.12.1.final.0"], |input| {
        let config = base::Config::parse(Path::new("/e"), input);
        assert!(config.home.is_none_or(|home| home.is_absolute()));
    });
}

#[test]
fn a_damaged_entry_of_the_cache_is_the_answer_or_nothing() {
    let sandbox = Sandbox::new();
    let python = sandbox.python("opt", 3, 12, 1);
    let interpreter = sandbox.find(&sandbox.shown("opt/bin/python3.12")).unwrap();
    let directory = sandbox.path("cache/v1/interp");
    let entry = std::fs::read_dir(&directory).unwrap().next().unwrap().unwrap().path();
    let content = std::fs::read(&entry).unwrap();
    let cache = Cache::below(&sandbox.path("cache"), crate::fs::private::User::of_this_process());
    check_mutations(&[content], |input| {
        std::fs::write(&entry, input).unwrap();
        // Whoever can write here can say anything; it only has to be about this executable.
        if let Some(found) = cache.load(&python) {
            assert_eq!(found.executable.file_name(), interpreter.executable.file_name());
        }
        std::fs::write(&entry, b"").unwrap();
    });
}
