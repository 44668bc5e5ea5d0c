//! What the options of a requirements file say about where packages come from, on top of pip's settings.

use std::ffi::OsString;

use super::not_for_uv::NotForUv;

/// The options in requirements files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileOptions {
    /// The lines, in the order in which pip reads them.
    pub lines: Vec<String>,
    /// Whether there are files whose lines are not known: those that are on the network.
    pub is_partial: bool,
}

/// The indexes that are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Indexes {
    /// The one in the place of the public one.
    pub(super) index: Option<String>,
    /// Those besides it.
    pub(super) extra: Vec<String>,
    /// None of them is asked.
    pub(super) is_off: bool,
}

const INDEX: &str = "--index-url";
const EXTRA: &str = "--extra-index-url";

impl Indexes {
    /// Returns the indexes once a file has been read: its index takes the place of all that were known before.
    ///
    /// Fails where uv would refuse the file, or ask an index that pip has forgotten by then.
    pub(super) fn with(
        mut self,
        file: &FileOptions,
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, NotForUv> {
        // The file could have an index of its own, which uv would ask after those that it is told of.
        if file.is_partial && (self.index.is_some() || !self.extra.is_empty()) {
            return Err(NotForUv { key: "index-url" });
        }
        let (mut has_index, mut has_extra) = (false, false);
        for line in &file.lines {
            if line.trim() == "--no-index" {
                self = Self { is_off: true, ..Self::default() };
            } else if let Some(value) = value(line, "-i", INDEX) {
                let value = address(value, lookup).filter(|_| !has_index && !has_extra);
                let value = value.ok_or(NotForUv { key: INDEX })?;
                has_index = true;
                self = Self { index: Some(value), extra: Vec::new(), is_off: self.is_off };
            } else if let Some(value) = value(line, EXTRA, EXTRA) {
                has_extra = true;
                self.extra.push(address(value, lookup).ok_or(NotForUv { key: EXTRA })?);
            } else if is_mixed(line) {
                return Err(NotForUv { key: INDEX });
            }
        }
        Ok(self)
    }
}

impl FileOptions {
    /// The hosts that need no certificate.
    pub(super) fn trusted_hosts(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| value(line, "--trusted-host", "--trusted-host")).map(str::trim)
    }
}

/// The value of an option: `-iURL`, `-i URL`, `--index-url URL`, `--index-url=URL`.
fn value<'a>(line: &'a str, short: &str, long: &str) -> Option<&'a str> {
    let is_short = short.len() == 2 && !line.starts_with("--");
    let of_long = line.strip_prefix(long).and_then(|rest| rest.strip_prefix(['=', ' ', '\t']));
    of_long.or_else(|| line.strip_prefix(short).filter(|_| is_short))
}

/// pip takes several options in a line; uv takes what follows for a part of the first.
fn is_mixed(line: &str) -> bool {
    let is_about = |word: &str| {
        let name = word.split('=').next().unwrap_or(word);
        [INDEX, EXTRA, "--no-index"].contains(&name) || (word.starts_with("-i") && !word.starts_with("--"))
    };
    line.split_whitespace().skip(1).any(is_about)
}

/// An address as pip takes it; none where quotes or blanks within it leave that open.
fn address(value: &str, lookup: &dyn Fn(&str) -> Option<OsString>) -> Option<String> {
    let value = value.trim();
    let bare = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(value);
    let expanded = expanded(bare, lookup)?;
    let is_odd = |c: char| c.is_whitespace() || ['"', '\'', '\\'].contains(&c);
    (!expanded.is_empty() && !bare.starts_with('=') && !expanded.contains(is_odd)).then_some(expanded)
}

/// pip puts variables into a line: `${NAME}`, in capitals. What is not set stays as it is.
fn expanded(text: &str, lookup: &dyn Fn(&str) -> Option<OsString>) -> Option<String> {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let is_name = |name: &&str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        };
        let known = after.split_once('}').filter(|(name, _)| is_name(name));
        let known = known.and_then(|(name, after)| Some((lookup(name).filter(|value| !value.is_empty())?, after)));
        done.push_str(before);
        if let Some((value, after)) = known {
            done.push_str(value.to_str()?);
            rest = after;
        } else {
            done.push_str("${");
            rest = after;
        }
    }
    Some(done + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<(String, Vec<String>, bool), &'static str> {
        let settings = Indexes { index: Some("conf".into()), extra: vec!["more".into()], is_off: false };
        let lines = lines.iter().map(|&line| line.to_owned()).collect();
        let lookup = |name: &str| (name == "TOKEN").then(|| "secret".into());
        let found = settings.with(&FileOptions { lines, is_partial: false }, &lookup);
        found.map(|found| (found.index.unwrap_or_default(), found.extra, found.is_off)).map_err(|error| error.key)
    }

    #[test]
    fn the_index_of_a_file_takes_the_place_of_all_others() {
        for line in ["-i file", "-ifile", "--index-url file", "--index-url=file", "--index-url\t'file'", "-i \"file\""]
        {
            assert_eq!(read(&[line]), Ok(("file".into(), vec![], false)), "{line}");
        }
        assert_eq!(read(&["-i file", "--extra-index-url=e"]), Ok(("file".into(), vec!["e".into()], false)));
        assert_eq!(read(&["--extra-index-url e"]), Ok(("conf".into(), vec!["more".into(), "e".into()], false)));
        assert_eq!(read(&["--no-index"]), Ok((String::new(), vec![], true)));
        assert!(read(&["--no-index", "-i file"]).unwrap().2);
        assert_eq!(read(&["--pre", "-f x"]), Ok(("conf".into(), vec!["more".into()], false)));
        assert_eq!(read(&["-i https://u:${TOKEN}@x/${NONE}"]).unwrap().0, "https://u:secret@x/${NONE}");
    }

    #[test]
    fn what_uv_reads_otherwise_is_left_to_pip() {
        for lines in [
            &["-i a", "-i b"][..],
            &["--extra-index-url a", "-i b"],
            &["-i a --extra-index-url b"],
            &["--trusted-host a -ib"],
            &["--pre --no-index"],
            &["-i=a"],
            &["-i a\\ b"],
        ] {
            assert!(read(lines).is_err(), "{lines:?}");
        }
        let partial = FileOptions { lines: vec![], is_partial: true };
        let none = |_: &str| None;
        assert!(Indexes::default().with(&partial, &none).is_ok());
        assert!(Indexes { index: Some("a".into()), ..Indexes::default() }.with(&partial, &none).is_err());
    }
}
