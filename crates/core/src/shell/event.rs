//! The events that have hooks: one table of names, kinds, places, arguments and descriptions.
//!
//! Stubs, completion, `virtualenvwrapper_run_hook`, the digest of consent, the lists of plans and `docs/hooks.md` all
//! read it. To add a hook, add a variant and its row in `event/table.rs`.

mod table;

use std::path::{Path, PathBuf};

use super::dialect::Dialect;
use Kind::{Run, Sourced};
use Place::{Environment, Global, Project};
pub use table::{Event, Kind, Place};
use table::{Row, TABLE};

/// The directory of a project that holds its hooks.
const PROJECT_HOOKS: &str = ".virtualenvwrapper";

/// Where the places are; what is not known has no hooks.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// The directory of hooks.
    pub hook_dir: &'a Path,
    /// The environment.
    pub environment: Option<&'a Path>,
    /// The project directory.
    pub project: Option<&'a Path>,
}

impl Event {
    /// Returns all events, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.event)
    }

    /// Returns the event that `virtualenvwrapper_run_hook` knows by this name.
    pub fn by_call(call: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.call == call).map(|row| row.event)
    }

    /// Returns the name of the hook files.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the name for `virtualenvwrapper_run_hook`.
    pub fn call(self) -> &'static str {
        self.row().call
    }

    /// Returns how the hooks take part.
    pub fn kind(self) -> Kind {
        self.row().kind
    }

    /// Returns the places of the hooks, in the order in which they take part.
    pub fn places(self) -> &'static [Place] {
        self.row().places
    }

    /// Returns what programs get as arguments, for people; empty where there are none.
    pub fn argument(self) -> &'static str {
        self.row().argument
    }

    /// Returns when the hooks take part, for people: it completes "run ..." or "sourced ...".
    pub fn moment(self) -> &'static str {
        self.row().moment
    }

    /// Returns whether the event is part of entering or leaving an environment.
    pub fn is_switching(self) -> bool {
        matches!(self, Self::PreActivate | Self::PostActivate | Self::PreDeactivate | Self::PostDeactivate)
    }

    /// Returns the mode of the empty script that virtualenvwrapper makes, if it makes one.
    pub(crate) fn stub_mode(self) -> Option<u32> {
        self.row().stub
    }

    /// Returns the directories of the hooks, in order.
    pub fn directories(self, places: &Places<'_>) -> Vec<PathBuf> {
        self.places().iter().filter_map(|place| place.directory(places)).collect()
    }

    /// Returns the files that a shell sources for the event, in order, whether or not they exist.
    pub fn files(self, places: &Places<'_>, dialect: Dialect) -> Vec<PathBuf> {
        self.directories(places).iter().map(|directory| dialect.sourced(directory, self.name())).collect()
    }

    /// Returns the names that the hook files of the event can have in one directory.
    pub fn file_names(self) -> Vec<String> {
        match self.kind() {
            Run => vec![self.name().to_string()],
            Sourced => vec![self.name().to_string(), format!("{}.fish", self.name())],
        }
    }

    /// Returns whether a file of this name is a hook of the event.
    pub fn is_file_name(self, name: &std::ffi::OsStr) -> bool {
        let name = name.as_encoded_bytes();
        match name.strip_prefix(self.name().as_bytes()) {
            Some(b"") => true,
            Some(b".fish") => self.kind() == Sourced,
            _ => false,
        }
    }

    fn row(self) -> &'static Row {
        // A test holds the table to the order of the variants.
        &TABLE[self as usize]
    }
}

impl Kind {
    /// Returns the word for people.
    pub fn name(self) -> &'static str {
        match self {
            Run => "run",
            Sourced => "sourced",
        }
    }
}

impl Place {
    /// Returns the word for people.
    pub fn name(self) -> &'static str {
        match self {
            Project => "project",
            Global => "global",
            Environment => "environment",
        }
    }

    fn directory(self, places: &Places<'_>) -> Option<PathBuf> {
        match self {
            Project => places.project.map(|project| project.join(PROJECT_HOOKS)),
            Global => Some(places.hook_dir.to_path_buf()),
            Environment => places.environment.map(|environment| environment.join("bin")),
        }
    }
}

/// Returns the table of `docs/hooks.md`.
pub fn markdown_table() -> String {
    let mut text = "| hook | how | when | argument | places |\n|---|---|---|---|---|\n".to_string();
    for row in &TABLE {
        let places: Vec<_> = row.places.iter().map(|place| place.name()).collect();
        let cells = [&format!("`{}`", row.name), row.kind.name(), row.moment, row.argument, &places.join(", ")];
        text.push('|');
        for cell in cells {
            text.push_str(if cell.is_empty() { "" } else { " " });
            text.push_str(cell);
            text.push_str(" |");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_hook_by_its_name() {
        let events = |name: &str| Event::all().filter(|event| event.is_file_name(name.as_ref())).collect::<Vec<_>>();
        for event in Event::all() {
            for name in event.file_names() {
                assert_eq!(events(&name), [event], "{name}");
            }
        }
        for other in ["", ".fish", "postactivat", "postactivate.zsh", "postactivate.fish~", "premkvirtualenv.fish"] {
            assert_eq!(events(other), [], "{other}");
        }
    }

    #[test]
    fn rows_stand_in_the_order_of_the_variants() {
        for (at, row) in TABLE.iter().enumerate() {
            assert_eq!(row.event as usize, at, "{}", row.name);
            assert_eq!(row.event.name(), row.name);
            assert_eq!(Event::by_call(row.call), Some(row.event));
            if row.event != Event::GetEnvDetails {
                assert_eq!(row.call.replace('_', ""), row.name);
            }
        }
        assert_eq!(Event::by_call("postactivate"), None);
    }

    #[test]
    fn hooks_come_in_the_order_of_virtualenvwrapper() {
        let places = Places { hook_dir: "/h".as_ref(), environment: Some("/e".as_ref()), project: Some("/p".as_ref()) };
        let files = |event: Event, dialect| -> Vec<String> {
            event.files(&places, dialect).iter().map(|file| file.display().to_string()).collect()
        };
        assert_eq!(
            files(Event::PostActivate, Dialect::Posix),
            ["/p/.virtualenvwrapper/postactivate", "/h/postactivate", "/e/bin/postactivate"]
        );
        assert_eq!(
            files(Event::PreDeactivate, Dialect::Fish),
            ["/p/.virtualenvwrapper/predeactivate.fish", "/e/bin/predeactivate.fish", "/h/predeactivate.fish"]
        );
        let unknown = Places { environment: None, project: None, ..places };
        assert_eq!(Event::PostDeactivate.files(&unknown, Dialect::Posix), [Path::new("/h/postdeactivate")]);
    }
}
