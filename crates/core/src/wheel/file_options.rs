//! What the options of a requirements file say about where packages come from, on top of pip's settings.

use std::ffi::OsString;

use super::file_option_names::not_for_uv;
use super::not_for_uv::NotForUv;

/// The options in requirements files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileOptions {
    /// The lines, in the order in which pip reads them.
    pub lines: Vec<String>,
    /// Whether there are files whose lines are not known: those that are on the network.
    pub is_partial: bool,
    /// The first option in a file that another one includes with `-c`, where uv passes over it and is not told elsewhere.
    pub lost: Option<&'static str>,
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
    /// A file has said which, and so counts more than all that was known before it.
    pub(super) is_of_file: bool,
}

const INDEX: &str = "--index-url";
const EXTRA: &str = "--extra-index-url";
const TRUSTED_HOST: &str = "--trusted-host";
const REQUIRE_HASHES: &str = "--require-hashes";

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
        if let Some(key) = file.lost {
            return Err(NotForUv { key });
        }
        let (mut has_index, mut has_extra) = (false, false);
        for line in &file.lines {
            // A variable may hold options, too.
            let line = expanded(line, lookup).ok_or(NotForUv { key: INDEX })?;
            if let Some(key) = not_for_uv(&line) {
                return Err(NotForUv { key });
            }
            if line.trim() == "--no-index" {
                self = Self { is_off: true, is_of_file: true, ..Self::default() };
            } else if let Some(value) = value(&line, "-i", INDEX) {
                let value = plain(value).filter(|_| !has_index && !has_extra);
                let value = value.ok_or(NotForUv { key: INDEX })?;
                has_index = true;
                self = Self { index: Some(value), extra: Vec::new(), is_off: self.is_off, is_of_file: true };
            } else if let Some(value) = value(&line, EXTRA, EXTRA) {
                has_extra = true;
                self.extra.push(plain(value).ok_or(NotForUv { key: EXTRA })?);
            }
        }
        Ok(self)
    }
}

impl FileOptions {
    /// Adds the options of a file that is read after those before.
    pub fn extend(&mut self, next: Self) {
        self.lines.extend(next.lines);
        self.is_partial |= next.is_partial;
        self.lost = self.lost.or(next.lost);
    }

    /// The hosts that need no certificate. Fails where a word is none.
    pub(super) fn trusted_hosts(&self, lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Vec<String>, NotForUv> {
        let hosts = self.lines.iter().filter_map(|line| value(line, TRUSTED_HOST, TRUSTED_HOST));
        let host = |value| plain(&expanded(value, lookup)?);
        hosts.map(|value| host(value).ok_or(NotForUv { key: TRUSTED_HOST })).collect()
    }

    /// Whether only archives with a known hash are installed. uv has to be told.
    pub(super) fn requires_hashes(&self) -> bool {
        self.lines.iter().any(|line| line.trim() == REQUIRE_HASHES)
    }
}

/// The value of an option: `-iURL`, `-i URL`, `--index-url URL`, `--index-url=URL`.
fn value<'a>(line: &'a str, short: &str, long: &str) -> Option<&'a str> {
    let is_short = short.len() == 2 && !line.starts_with("--");
    let of_long = line.strip_prefix(long).and_then(|rest| rest.strip_prefix(['=', ' ', '\t']));
    of_long.or_else(|| line.strip_prefix(short).filter(|_| is_short))
}

/// A value of one word as pip takes it; none where quotes or blanks within it leave that open.
fn plain(value: &str) -> Option<String> {
    let value = value.trim();
    let bare = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(value);
    let is_odd = |c: char| c.is_whitespace() || ['"', '\'', '\\'].contains(&c);
    (!bare.is_empty() && !bare.starts_with('=') && !bare.contains(is_odd)).then(|| bare.to_owned())
}

/// pip puts variables into a line: `${NAME}`, in capitals. What is not set stays as it is; none if a value is not text.
pub(crate) fn expanded(text: &str, lookup: &dyn Fn(&str) -> Option<OsString>) -> Option<String> {
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
        let settings = Indexes { index: Some("conf".into()), extra: vec!["more".into()], ..Indexes::default() };
        let lines = lines.iter().map(|&line| line.to_owned()).collect();
        let lookup = |name: &str| match name {
            "TOKEN" => Some("secret".into()),
            "TWO" => Some("dir --require-hashes".into()),
            _ => None,
        };
        let found = settings.with(&FileOptions { lines, ..FileOptions::default() }, &lookup);
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
        for line in ["-f x", "--find-links=x", "--no-binary :all:", "--trusted-host 'x'", "--require-hashes", "-e ./x"]
        {
            assert_eq!(read(&[line]), Ok(("conf".into(), vec!["more".into()], false)), "{line}");
        }
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
            // Of these uv passes over all of the line.
            &["--pre --require-hashes"],
            &["--pre --index https://corp"],
            &["--pre --pypi-url=https://corp"],
            &["--use-feature fast-deps --ind https://corp"],
            &["--prefer-binary --extra-index https://corp"],
            &["--pre -c cons.txt"],
            &["--pre --no-binary :all:"],
            &["--pre -r other.txt"],
            &["--trusted-host x --only-binary=:none: --no-binary=six"],
            &["--require-hashes --pre"],
            &["-f dir --require-hashes"],
            &["-f dir\t'--require-hashes'"],
            &["-f ${TWO}"],
            &["--pre"],
            &["--prefer-binary"],
            &["--use-feature=fast-deps"],
            &["--all-releases six"],
            &["--no-index x"],
            &["--require-hashes=x"],
            // These it refuses.
            &["--pypi-url=https://corp"],
            &["--ind https://corp"],
            &["--extra-index=https://corp"],
            &["--trusted x"],
            &["--requ other.txt"],
        ] {
            assert!(read(lines).is_err(), "{lines:?}");
        }
        assert_eq!(read(&["--pre --index https://corp"]), Err("--index-url"), "what is lost is named");
        assert_eq!(read(&["-f dir --require-hashes"]), Err("--require-hashes"));
        let lost = FileOptions { lost: Some("--find-links"), ..FileOptions::default() };
        assert_eq!(Indexes::default().with(&lost, &|_| None).unwrap_err().key, "--find-links");
        let partial = FileOptions { is_partial: true, ..FileOptions::default() };
        let none = |_: &str| None;
        assert!(Indexes::default().with(&partial, &none).is_ok());
        assert!(Indexes { index: Some("a".into()), ..Indexes::default() }.with(&partial, &none).is_err());
    }

    #[test]
    fn what_uv_is_told_on_its_command_line_is_one_word() {
        let none = |_: &str| None;
        let options = |line: &str| FileOptions { lines: vec![line.to_owned()], ..FileOptions::default() };
        assert_eq!(options("--trusted-host 'x:80'").trusted_hosts(&none), Ok(vec!["x:80".to_owned()]));
        for line in ["--trusted-host x y", "--trusted-host=\"x", "--trusted-host ="] {
            assert!(options(line).trusted_hosts(&none).is_err(), "{line}");
        }
        assert!(options("--require-hashes").requires_hashes() && !options("--pre").requires_hashes());
    }
}
