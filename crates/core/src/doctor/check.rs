//! The table of checks.

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does not work.
    Error,
    /// It will surprise.
    Warning,
    /// It may be as it is meant to be.
    Note,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, which never changes.
    pub id: &'static str,
    /// How bad a finding is, unless the finding says otherwise.
    pub severity: Severity,
    /// What it finds.
    pub sentence: &'static str,
    /// Whether it looks at each environment, rather than at what they share.
    pub is_about_environments: bool,
}

macro_rules! checks {
    ($($name:ident $id:literal $severity:ident $is_about_environments:literal $sentence:literal;)+) => {
        $(
            #[doc = $sentence]
            pub(super) const $name: &Check = &Check {
                id: $id,
                severity: Severity::$severity,
                sentence: $sentence,
                is_about_environments: $is_about_environments,
            };
        )+

        /// Every check, in the order of the documents.
        pub const CHECKS: &[&Check] = &[$($name),+];
    };
}

checks! {
    INTERPRETER_GONE "interpreter-gone" Error true "The interpreter, or one of its names in `bin`, no longer exists";
    INTERPRETER_MINOR "interpreter-minor" Error true "The interpreter has another version than the packages";
    INTERPRETER_HOME "interpreter-home" Error true "The directory of the base Python no longer exists";
    INTERPRETER_COPY "interpreter-copy" Warning true "The copied interpreter differs from its base Python";
    INTERPRETER_NESTED "interpreter-nested" Warning true "The base Python is that of another environment";
    CFG_LIES "cfg-lies" Error true "`pyvenv.cfg`, libraries and interpreter disagree";
    MOVED "moved" Error true "The scripts are for another path";
    SCRIPT_DEAD "script-dead" Error true "A script has an interpreter that does not exist";
    SCRIPT_LOST "script-lost" Warning true "A script that an installer generated for a package does not exist";
    SCRIPT_LOCKED "script-not-executable" Error true "A program cannot be executed: its permissions were lost";
    ACTIVATE_MISSING "activate-missing" Error true "An activate script is missing, empty, cut off or another program's";
    ACTIVATE_UNSAFE "activate-unsafe" Error true "The activate script would execute part of its path";
    ACTIVATE_EXPOSED "activate-exposed" Error true "Other users could change the activate script, so it is not used";
    PACKAGES_INCONSISTENT "packages-inconsistent" Warning true "Packages are missing or conflict";
    PACKAGES_ALTERED "packages-altered" Warning true "Files of packages were changed or deleted (only with `--deep`)";
    PACKAGES_TWICE "packages-twice" Warning true "A package is installed in two versions";
    PACKAGES_LEFTOVER "packages-leftover" Warning true "An interrupted installation left files behind";
    EDITABLE_GONE "editable-gone" Error true "An editable package is imported from a directory that does not exist";
    PATH_FILE_ENCODING "path-file-encoding" Error true "A `.pth` file is not UTF-8, so Python does not start";
    PROJECT_GONE "project-gone" Warning true "The project directory, or one that `link --uv` linked with another Python, does not exist";
    PROJECT_SHARED "project-shared" Note true "Several environments have the same project directory";
    UV_WOULD_REPLACE "uv-would-replace" Warning true "uv would delete the environment: a project requires another Python";
    REPLACED_BY_UV "replaced-by-uv" Warning true "uv has replaced the environment, with all that was in it";
    KERNEL_PATH "kernel-path" Note true "In a Jupyter kernel of the environment, `!pip` is the pip of another one";
    NAME_ODD "name-odd" Note true "The name is generated, hard to type, or differs from another only in case";
    HOOK_WRITABLE "hook-writable" Error true "Other users can write to a hook";
    TEMPORARY_ORPHAN "temporary-orphan" Note true "The shell of a temporary environment has ended";
    TEMPORARY_ELSEWHERE "temporary-elsewhere" Note true "Another machine or container may use a temporary environment";
    CREATOR_OLD "creator-old" Note true "It was created by conda or by virtualenv before 20, or is for Python before 3.8";
    HOME_WRITABLE "home-writable" Error false "Other users can write to the store";
    HOME_FOREIGN "home-foreign" Warning false "The store belongs to another user";
    HOME_IN_ENVIRONMENT "home-in-environment" Error false "The store is an environment, or among the files of one";
    CACHE_FOREIGN "cache-foreign" Warning false "A directory of venvwrap belongs to another user, or other users can write to it";
    OPERATION_LEFTOVER "operation-leftover" Note false "A command was interrupted";
    OPERATION_FOREIGN "operation-foreign" Note false "Another user left files in the store";
    MARKS_LOST "marks-lost" Error false "An environment is listed no longer: it has neither `pyvenv.cfg` nor an activate script";
    LINK_DEAD "link-dead" Warning false "An environment from elsewhere is listed no longer: it does not exist there";
    VENV_DEAD "venv-dead" Warning false "`.venv` in a directory leads to an environment that was removed";
    STORE_SYNCED "store-synced" Note false "The store is in a directory that is synchronised";
    STORE_FS "store-fs" Note false "The store is on a network file system, or on one mounted `noexec`";
    KERNEL_DEAD "kernel-dead" Warning false "A Jupyter kernel starts an interpreter that does not exist";
    SHELL_TWICE "shell-twice" Warning false "A start-up file loads both virtualenvwrapper and venvwrap";
    SHELL_PATH "shell-path" Warning false "PATH contains an environment that does not exist";
    SHELL_ACTIVE "shell-active" Warning false "The active environment does not exist";
    PATH_SHADOW "path-shadow" Note false "Other programs come before those of the active environment";
}
