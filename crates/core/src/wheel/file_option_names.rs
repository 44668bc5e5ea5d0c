//! The names of options in a line of a requirements file, as pip knows them.

/// Those that say where packages come from, not which ones, with their short forms.
const OPTIONS: [(&str, &str); 18] = [
    ("--index-url", "-i"),
    ("--pypi-url", ""),
    ("--extra-index-url", ""),
    ("--no-index", ""),
    ("--find-links", "-f"),
    ("--pre", ""),
    ("--all-releases", ""),
    ("--only-final", ""),
    ("--prefer-binary", ""),
    ("--require-hashes", ""),
    ("--trusted-host", ""),
    ("--no-binary", ""),
    ("--only-binary", ""),
    ("--use-feature", ""),
    ("--always-unzip", ""),
    ("--process-dependency-links", ""),
    ("--uploaded-prior-to", ""),
    ("--no-require-hashes", ""),
];

/// Those that name files and projects.
const NAMING: [(&str, &str); 3] = [("--requirement", "-r"), ("--constraint", "-c"), ("--editable", "-e")];

/// Those that uv reads in a file. It passes over any other one, and over all that follows in its line, or refuses it.
const OF_UV: [&str; 8] = [
    "--index-url",
    "--extra-index-url",
    "--no-index",
    "--find-links",
    "--no-binary",
    "--only-binary",
    // What uv is told on its command line.
    "--require-hashes",
    "--trusted-host",
];

/// Those among them that take no value.
const SWITCHES_OF_UV: [&str; 2] = ["--no-index", "--require-hashes"];

/// Returns the long name of an option that a word begins with: written in full, shortened as pip's parser allows, or in
/// its short form.
fn name_of(word: &str) -> Option<&'static str> {
    let mut all = OPTIONS.into_iter().chain(NAMING);
    if !word.starts_with("--") {
        return all.find(|(_, short)| !short.is_empty() && word.starts_with(short)).map(|(long, _)| long);
    }
    let name = word.split('=').next().unwrap_or(word);
    let exact = all.clone().find(|(long, _)| *long == name);
    exact.or_else(|| all.find(|(long, _)| name.len() > 2 && long.starts_with(name))).map(|(long, _)| long)
}

/// Returns whether a line begins with an option that pip takes, and names no file or project itself.
pub(crate) fn is_option(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or(line);
    name_of(word).is_some_and(|name| !NAMING.iter().any(|(long, _)| *long == name && !is_shortened(word, name)))
}

/// Returns whether a word is, or begins with, the option that names a place with archives.
pub(crate) fn is_find_links(word: &str) -> bool {
    name_of(word) == Some("--find-links")
}

/// Returns the name of an option for which pip has to read a line; none where uv reads the line as pip does.
pub(super) fn not_for_uv(line: &str) -> Option<&'static str> {
    let first = line.split_whitespace().next()?;
    let name = name_of(first)?;
    let is_shortened = is_shortened(first, name);
    if !is_shortened && NAMING.iter().any(|(long, _)| *long == name) {
        return None;
    }
    // uv takes what follows for a part of the first, or for nothing.
    if let Some(other) = second(line) {
        return name_of(other).or(Some(name));
    }
    let has_odd_value = SWITCHES_OF_UV.contains(&name) && line.trim() != name;
    (is_shortened || has_odd_value || !OF_UV.contains(&name)).then_some(name)
}

/// Returns the name of the option in a line that uv passes over in a file which another file includes with `-c`; none of
/// those that it is told by variables and on its command line.
pub(crate) fn lost_in_constraints(line: &str) -> Option<&'static str> {
    let name = name_of(line.split_whitespace().next()?)?;
    ["--find-links", "--no-binary", "--only-binary"].into_iter().find(|lost| *lost == name)
}

/// The second option in a line. Quoted words are options, too.
pub(crate) fn second(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip(1).map(|word| word.trim_start_matches(['"', '\'', '\\']));
    words.find(|word| word.starts_with('-'))
}

/// Returns whether a word is only the beginning of a long option.
fn is_shortened(word: &str, name: &str) -> bool {
    word.starts_with("--") && word.split('=').next() != Some(name)
}
