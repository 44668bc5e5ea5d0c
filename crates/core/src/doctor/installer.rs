//! The lines that install packages into an environment.

use crate::env::Environment;
use crate::env::packages::has_pip;
use crate::env::pyvenv_cfg::Creator;

/// A call of pip in an environment, and the one to run after it: of uv where that has made it without pip; else of what
/// brings pip comes first.
pub(super) fn pip(environment: &Environment, verb: &str, words: impl IntoIterator<Item = String>) -> [Vec<String>; 2] {
    let python = environment.python().to_string_lossy().into_owned();
    let name = environment.name().as_os_str().to_string_lossy().into_owned();
    let run = |rest: &[&str]| {
        // What is called by its path is no name for `run`.
        let (start, rest) = match environment.name().path() {
            Some(_) => (vec![python.clone()], &rest[1..]),
            None => (["venvwrap", "run", &name].map(str::to_owned).to_vec(), rest),
        };
        start.into_iter().chain(rest.iter().map(|&word| word.to_owned())).collect::<Vec<_>>()
    };
    let with_words = |mut start: Vec<String>| {
        start.extend(words);
        start
    };
    if has_pip(environment.path()) {
        // The script may be what is broken.
        [with_words(run(&["python", "-m", "pip", verb])), Vec::new()]
    } else if environment.cfg().is_some_and(|cfg| cfg.creator() == Creator::Uv) {
        let start = ["uv", "pip", verb, "--python"].map(str::to_owned).into_iter();
        [with_words(start.chain([python]).collect()), Vec::new()]
    } else {
        // What is called `pip3` there is no program called `pip`.
        [run(&["python", "-m", "ensurepip"]), with_words(run(&["python", "-m", "pip", verb]))]
    }
}
