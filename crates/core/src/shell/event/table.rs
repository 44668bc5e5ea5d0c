//! The events, and what is true of each: a row for each.

use Kind::{Run, Sourced};
use Place::{Environment, Global, Project};

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

/// What is true of an event.
pub(super) struct Row {
    pub(super) event: Event,
    pub(super) name: &'static str,
    /// The name for `virtualenvwrapper_run_hook`.
    pub(super) call: &'static str,
    pub(super) kind: Kind,
    /// In the order in which the hooks take part.
    pub(super) places: &'static [Place],
    pub(super) argument: &'static str,
    /// When the hooks take part: completes "run ..." or "sourced ...".
    pub(super) moment: &'static str,
    /// The mode of the empty script that virtualenvwrapper makes, if it makes one.
    pub(super) stub: Option<u32>,
}

pub(super) const TABLE: [Row; 16] = [
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
        "name, as `$2`; in fish as `$argv[1]`",
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
