//! Files that Python's `configparser` reads: settings of pip, virtualenv and setuptools.

/// A line that `configparser` refuses, and the whole file with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IniError {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: IniProblem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IniProblem {
    /// It comes before the first section.
    #[error("is in no section")]
    NoSection,
    /// It is neither the name of a section nor a setting.
    #[error("is no setting")]
    NoSetting,
    /// The setting is in the section already.
    #[error("sets `{0}` a second time")]
    KeyTwice(String),
    /// The section is in the file already.
    #[error("begins the section `{0}` a second time")]
    SectionTwice(String),
    /// Versions of Python disagree about where the name of the section ends.
    #[error("has a second `]`, which versions of Python read differently")]
    Ambiguous,
    /// The file is no text.
    #[error("is not valid UTF-8")]
    NotText,
}

/// The settings of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ini {
    sections: Vec<(String, Vec<Entry>)>,
    defaults: Vec<Entry>,
    /// A key that a section has twice, spelt in two ways that only `normalize` takes for one.
    pub(crate) respelt: Option<String>,
}

/// A setting.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its key.
    pub(crate) key: String,
    /// Its value. One that goes on in indented lines holds line breaks.
    pub(crate) value: String,
    /// The number of its first line, from 1.
    pub(crate) line: usize,
    /// The key as the file spells it, in every way in small letters.
    spellings: Vec<String>,
}

impl Ini {
    /// Reads a file as a `RawConfigParser` does, with keys as `normalize` writes them. The first line that it refuses is
    /// returned, too: what is read then is what the others say.
    pub(crate) fn read(text: &str, normalize: &dyn Fn(&str) -> String) -> (Self, Option<IniError>) {
        let mut reader = Reader { ini: Self::default(), normalize, place: None, key: None, indent: 0, error: None };
        for (number, line) in lines(text).enumerate() {
            reader.line(number + 1, line);
        }
        let Reader { mut ini, error, .. } = reader;
        let all = ini.sections.iter_mut().map(|(_, entries)| entries).chain([&mut ini.defaults]);
        for entry in all.flatten() {
            entry.value.truncate(entry.value.trim_end_matches(is_blank).len());
        }
        (ini, error)
    }

    /// The settings of a section, among which are the defaults of the file; none if the section is not there.
    pub(crate) fn entries(&self, section: &str) -> Vec<&Entry> {
        let Some((_, own)) = self.sections.iter().find(|(name, _)| name == section) else { return Vec::new() };
        let mut entries: Vec<&Entry> = self.defaults.iter().collect();
        for entry in own {
            match entries.iter().position(|known| known.key == entry.key) {
                Some(at) => entries[at] = entry,
                None => entries.push(entry),
            }
        }
        entries
    }
}

/// Returns whether Python takes a character for a blank.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The lines of a text file as Python reads them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let is_over = rest.is_empty();
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or_default();
        (!is_over).then_some(line)
    })
}

/// The section that is being read.
#[derive(Clone, Copy)]
enum Place {
    Defaults,
    Section(usize),
}

struct Reader<'a> {
    ini: Ini,
    normalize: &'a dyn Fn(&str) -> String,
    place: Option<Place>,
    /// Which of the settings of the section was read last.
    key: Option<usize>,
    indent: usize,
    error: Option<IniError>,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str) {
        let text = line.trim_matches(is_blank);
        if text.starts_with(['#', ';']) {
            return;
        }
        if text.is_empty() {
            self.go_on("");
            return;
        }
        // What is indented like the setting before it is the next one, however deep that is.
        let indent = line.chars().take_while(|c| is_blank(*c)).count();
        if indent > self.indent && self.go_on(text) {
            return;
        }
        self.indent = indent;
        match (header(text), self.place) {
            (Some(name), _) => self.begin(number, name),
            (None, None) => self.refuse(number, IniProblem::NoSection),
            (None, Some(_)) => self.set(number, text),
        }
    }

    /// Adds a line to the last value; returns whether there is one.
    fn go_on(&mut self, text: &str) -> bool {
        let Some(at) = self.key else { return false };
        let Some(entry) = self.entries().and_then(|entries| entries.get_mut(at)) else { return false };
        entry.value.push('\n');
        entry.value.push_str(text);
        true
    }

    fn begin(&mut self, number: usize, name: &str) {
        if name.contains(']') {
            self.refuse(number, IniProblem::Ambiguous);
        }
        self.key = None;
        if name == "DEFAULT" {
            self.place = Some(Place::Defaults);
            return;
        }
        let known = self.ini.sections.iter().position(|(known, _)| known == name);
        if known.is_some() {
            self.refuse(number, IniProblem::SectionTwice(name.to_owned()));
        } else {
            self.ini.sections.push((name.to_owned(), Vec::new()));
        }
        self.place = Some(Place::Section(known.unwrap_or(self.ini.sections.len() - 1)));
    }

    fn set(&mut self, number: usize, text: &str) {
        let parts = text.split_once(['=', ':']);
        let Some((key, value)) = parts.filter(|(key, _)| !key.trim_matches(is_blank).is_empty()) else {
            return self.refuse(number, IniProblem::NoSetting);
        };
        let spelling = key.trim_end_matches(is_blank).to_lowercase();
        let key = (self.normalize)(key.trim_end_matches(is_blank));
        let value = value.trim_matches(is_blank).to_owned();
        let mut entry = Entry { key: key.clone(), value, line: number, spellings: vec![spelling.clone()] };
        let Some(entries) = self.entries() else { return };
        let known = entries.iter().position(|known| known.key == key);
        let Some(at) = known else {
            entries.push(entry);
            self.key = Some(entries.len() - 1);
            return;
        };
        let mut spellings = std::mem::take(&mut entries[at].spellings);
        let is_refused = spellings.contains(&spelling);
        spellings.push(spelling);
        entry.spellings = spellings;
        entries[at] = entry;
        self.key = Some(at);
        if is_refused {
            self.refuse(number, IniProblem::KeyTwice(key));
        } else {
            self.ini.respelt.get_or_insert(key);
        }
    }

    fn entries(&mut self) -> Option<&mut Vec<Entry>> {
        match self.place? {
            Place::Defaults => Some(&mut self.ini.defaults),
            Place::Section(at) => self.ini.sections.get_mut(at).map(|(_, entries)| entries),
        }
    }

    fn refuse(&mut self, line: usize, problem: IniProblem) {
        self.error.get_or_insert(IniError { line, problem });
    }
}

/// The name of a section, whatever is after it.
fn header(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('[')?;
    rest.rfind(']').filter(|end| *end > 0).map(|end| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, name: &str) -> Vec<String> {
        let (ini, _) = Ini::read(text, &str::to_owned);
        ini.entries(name).into_iter().map(|entry| format!("{}|{}", entry.key, entry.value)).collect()
    }

    #[test]
    fn values_go_on_in_indented_lines() {
        let text = "; x\n[a]\n first = 1\nk = v\n[b] ; y\nName: 'x'\n# y\n\nlist =\n  one\n\n\ttwo\n[c]\nz=\n";
        assert_eq!(of(text, "a"), ["first|1", "k|v"]);
        assert_eq!(of(text, "b"), ["Name|'x'", "list|\none\n\ntwo"]);
        assert_eq!(of(text, "c"), ["z|"]);
        assert!(of(text, "d").is_empty());
    }

    #[test]
    fn the_first_line_of_a_section_may_be_indented_however_deep() {
        for text in
            ["[a]\n    x = 1\n    y = 2\n", "[a]\n# c\n\n\tx = 1\r\n\ty = 2", "[a]\n\n  x=1\n y=2", "  [a]\rx:1\ry:2"]
        {
            assert_eq!(of(text, "a"), ["x|1", "y|2"], "{text:?}");
        }
        // A deeper line is a part of the value, also if it looks like a section.
        assert_eq!(of("[a]\n x = 1\n  y = 2\n  [b]\n", "a"), ["x|1\ny = 2\n[b]"]);
    }

    #[test]
    fn defaults_are_in_every_section_of_the_file() {
        let text = "[DEFAULT]\nx = 1\ny = 2\n[a]\ny = 3\n[b]\n[DEFAULT]\nz = 4\n";
        assert_eq!(of(text, "a"), ["x|1", "y|3", "z|4"]);
        assert_eq!(of(text, "b"), ["x|1", "y|2", "z|4"]);
        assert!(of(text, "c").is_empty() && of(text, "DEFAULT").is_empty());
    }

    #[test]
    fn what_configparser_refuses_is_told_by_its_line() {
        for (text, line, problem) in [
            ("x = 1\n[a]\n", 1, IniProblem::NoSection),
            ("\u{feff}[a]\nx = 1\n", 1, IniProblem::NoSection),
            ("[a]\n\nfoo\n", 3, IniProblem::NoSetting),
            ("[a]\n= x\n", 2, IniProblem::NoSetting),
            ("[a]\n[b\n", 2, IniProblem::NoSetting),
            ("[a]\nx = 1\nX : 2\n", 3, IniProblem::KeyTwice("x".into())),
            ("[a]\r\n[b]\r\n[a]\r\n", 3, IniProblem::SectionTwice("a".into())),
            ("[a] ; [b]\n", 1, IniProblem::Ambiguous),
        ] {
            assert_eq!(Ini::read(text, &str::to_lowercase).1, Some(IniError { line, problem }), "{text:?}");
        }
    }

    #[test]
    fn a_key_in_two_spellings_counts_once() {
        let read = |text: &str| Ini::read(text, &|key| key.to_lowercase().replace('_', "-"));
        let (ini, error) = read("[a]\nx-y = 1\nX_Y = 2\n  3\n");
        assert_eq!((ini.respelt.as_deref(), error), (Some("x-y"), None));
        assert_eq!(ini.entries("a").iter().map(|entry| entry.value.as_str()).collect::<Vec<_>>(), ["2\n3"]);
        let (ini, error) = read("[a]\nx_y = 1\nx-y = 2\nX_y = 3\n");
        assert!(ini.respelt.is_some());
        assert_eq!(error, Some(IniError { line: 4, problem: IniProblem::KeyTwice("x-y".into()) }));
        assert_eq!(read("[a]\nx-y = 1\n[b]\nx_y = 2\n").0.respelt, None);
    }
}
