//! The events that have hooks: one table of names, kinds, places, arguments and descriptions.
//!
//! Stubs, completion, `virtualenvwrapper_run_hook`, the digest of consent, the lists of plans and `docs/hooks.md` all
//! read it. To add a hook, add a variant and its row.

use std::path::{Path, PathBuf};

use super::dialect::Dialect;

/// The directory of a project that holds its hooks.
const PROJECT_HOOKS: &str = ".virtualenvwrapper";

/// A moment at which hooks take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The functions have been loaded.
    Initialize,
    /// An environment has been made and is not active yet.
    PreMkvirtualenv,
    /// A new environment is active.
    PostMkvirtualenv,
    /// A copy has been made and is not active yet.
    PreCpvirtualenv,
    /// A copy is active.
    PostCpvirtualenv,
    /// An environment is about to be renamed.
    PreMvvirtualenv,
    /// An environment has its new name.
    PostMvvirtualenv,
    /// An environment is about to be activated.
    PreActivate,
    /// An environment is active.
    PostActivate,
    /// The active environment is about to be left.
    PreDeactivate,
    /// An environment has been left.
    PostDeactivate,
    /// An environment is about to be removed.
    PreRmvirtualenv,
    /// An environment has been removed.
    PostRmvirtualenv,
    /// A project has an environment and no directory yet.
    PreMkproject,
    /// A project is ready.
    PostMkproject,
    /// An environment is being shown.
    GetEnvDetails,
}

/// How the hooks of an event take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As programs, in a process of their own.
    Run,
    /// Inside the shell, which keeps what they set.
    Sourced,
}

/// A place where hooks are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `.virtualenvwrapper` in the project directory.
    Project,
    /// The directory of hooks, for every environment.
    Global,
    /// `bin` of the environment.
    Environment,
}

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

/// What is true of an event.
struct Row {
    event: Event,
    name: &'static str,
    /// The name for `virtualenvwrapper_run_hook`.
    call: &'static str,
    kind: Kind,
    /// In the order in which the hooks take part.
    places: &'static [Place],
    argument: &'static str,
    /// When the hooks take part: completes "run ..." or "sourced ...".
    moment: &'static str,
    /// The mode of the empty script that virtualenvwrapper makes, if it makes one.
    stub: Option<u32>,
}

use Kind::{Run, Sourced};
use Place::{Environment, Global, Project};

const TABLE: [Row; 16] = [
    row(Event::Initialize, "initialize", "initialize", Sourced, &[Global], "", "when the functions have been loaded"),
    row(
        Event::PreMkvirtualenv,
        "premkvirtualenv",
        "pre_mkvirtualenv",
        Run,
        &[Global],
        "name",
        "when an environment has been made, before it is activated",
    ),
    row(
        Event::PostMkvirtualenv,
        "postmkvirtualenv",
        "post_mkvirtualenv",
        Sourced,
        &[Global],
        "",
        "when a new environment is active and its packages are installed",
    ),
    row(
        Event::PreCpvirtualenv,
        "precpvirtualenv",
        "pre_cpvirtualenv",
        Run,
        &[Global],
        "old path, new name",
        "when a copy has been made, before it is activated",
    )
    .without_stub(),
    row(
        Event::PostCpvirtualenv,
        "postcpvirtualenv",
        "post_cpvirtualenv",
        Sourced,
        &[Global],
        "",
        "when a copy is active",
    )
    .without_stub(),
    row(
        Event::PreMvvirtualenv,
        "premvvirtualenv",
        "pre_mvvirtualenv",
        Run,
        &[Global],
        "old name, new name",
        "before an environment is renamed",
    )
    .without_stub(),
    row(
        Event::PostMvvirtualenv,
        "postmvvirtualenv",
        "post_mvvirtualenv",
        Run,
        &[Global],
        "old name, new name",
        "when an environment has its new name",
    )
    .without_stub(),
    row(
        Event::PreActivate,
        "preactivate",
        "pre_activate",
        Run,
        &[Global, Environment],
        "name",
        "before an environment is activated",
    ),
    row(
        Event::PostActivate,
        "postactivate",
        "post_activate",
        Sourced,
        &[Project, Global, Environment],
        "",
        "when an environment is active",
    ),
    row(
        Event::PreDeactivate,
        "predeactivate",
        "pre_deactivate",
        Sourced,
        &[Project, Environment, Global],
        "",
        "before an environment is left",
    ),
    row(
        Event::PostDeactivate,
        "postdeactivate",
        "post_deactivate",
        Sourced,
        &[Environment, Global],
        "",
        "when an environment has been left",
    ),
    row(
        Event::PreRmvirtualenv,
        "prermvirtualenv",
        "pre_rmvirtualenv",
        Run,
        &[Global],
        "name",
        "before an environment is removed",
    ),
    row(
        Event::PostRmvirtualenv,
        "postrmvirtualenv",
        "post_rmvirtualenv",
        Run,
        &[Global],
        "name",
        "when an environment has been removed",
    ),
    row(
        Event::PreMkproject,
        "premkproject",
        "pre_mkproject",
        Run,
        &[Global],
        "name",
        "when `mkproject` has made the environment, before it makes the project directory",
    ),
    row(
        Event::PostMkproject,
        "postmkproject",
        "post_mkproject",
        Sourced,
        &[Global],
        "",
        "when a project is ready and its directory is the current one",
    )
    .with_stub(0o755),
    row(
        Event::GetEnvDetails,
        "get_env_details",
        "get_env_details",
        Run,
        &[Global, Environment],
        "name",
        "when `showvirtualenv` or `lsvirtualenv -l` shows an environment",
    ),
];

const fn row(
    event: Event,
    name: &'static str,
    call: &'static str,
    kind: Kind,
    places: &'static [Place],
    argument: &'static str,
    moment: &'static str,
) -> Row {
    let mode = match kind {
        Run => 0o755,
        Sourced => 0o644,
    };
    Row { event, name, call, kind, places, argument, moment, stub: Some(mode) }
}

impl Row {
    const fn with_stub(self, mode: u32) -> Self {
        Self { stub: Some(mode), ..self }
    }

    const fn without_stub(self) -> Self {
        Self { stub: None, ..self }
    }
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
