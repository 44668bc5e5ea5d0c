//! What the process brings along, taken in once: variables, directories, configuration.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use venvwrap_core::config::variables::{self, Reader, Variable};
use venvwrap_core::config::{Config, Directories, FileProblem};
use venvwrap_core::fs::accepted::Accepted;
pub(crate) use venvwrap_core::fs::executable::is_executable;
use venvwrap_core::fs::exposure::Vetting;
use venvwrap_core::fs::private::{User, whose_place};
use venvwrap_core::project::decide::Switcher;
use venvwrap_core::project::references;
use venvwrap_core::project::trust::TrustStore;
use venvwrap_core::python::Search;
use venvwrap_core::snapshot::requirements::options_in;
use venvwrap_core::store::trash::TrashPolicy;
use venvwrap_core::store::{ReservedError, Store, StoreOptions};
use venvwrap_core::wheel::installer_options::InstallerContext;

use crate::error::{Explain, Result, called};

/// How long an interpreter may take to say what it is.
const QUERY_TIMEOUT: Duration = Duration::from_secs(10);

/// What programs of others that a job in the background calls need of the caller's variables: where things are, the
/// language, and the way to packages.
const FOR_BACKGROUND: [&str; 7] =
    ["TMPDIR", "LANG", "LANGUAGE", "SSL_CERT_DIR", "HTTP_PROXY", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// Families of variables that such programs, or the job itself, need.
const FAMILIES_FOR_BACKGROUND: [&str; 7] =
    ["XDG_", "VENVWRAP_", "VIRTUALENVWRAPPER_", "LC_", "PIP_", "UV_", "VIRTUALENV_"];

/// Where the programs of every system are.
const PLAIN_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/// Shells that start a job in the background, the best first: the second may not know descriptors of two digits. That of
/// busybox does, and dash takes the number for a command.
const SHELLS: [&str; 2] = ["/bin/bash", "/bin/sh"];

/// Closes what a shell has inherited and becomes a program. Only a shell can do the first without `unsafe`.
const CLOSE_AND_BECOME: &str = r#"for d in 3 4 5 6 7 8 9 /dev/fd/*; do
  d=${d##*/}
  case $d in
    [3-9]) eval "exec $d>&-" ;;
    [1-9][0-9]*) [ "${BASH_VERSION-}" ] || (eval "exec $d>&-") && eval "exec $d>&-" ;;
  esac
done
exec "$@""#;

/// The name of this program, where directories are named after it.
pub(crate) const PROGRAM: &str = "venvwrap";

/// There is no directory to keep decisions and associations in.
#[derive(Debug, thiserror::Error)]
#[error("could not find a state directory")]
pub(crate) struct NoState;

impl Explain for NoState {
    fn hint(&self) -> Option<String> {
        Some("set HOME, or VENVWRAP_STATE_DIR to a directory".into())
    }
}

/// The store that was missing when root's command began, and whose directory it would be made in, if that is not root's.
pub(crate) static MISSING_STORE: OnceLock<(PathBuf, String)> = OnceLock::new();

/// The process as a value.
pub(crate) struct Process {
    /// The resolved configuration.
    pub(crate) config: Config,
    /// The environments.
    pub(crate) store: Store,
    /// The current directory.
    pub(crate) cwd: PathBuf,
    vetting: OnceLock<Vetting>,
}

impl Process {
    /// What an installer that works on this environment is told, started in this directory.
    pub(crate) fn installer_context<'a>(&'a self, env: &'a Path, current_dir: &'a Path) -> InstallerContext<'a> {
        let home = self.config.home.as_deref();
        InstallerContext {
            names: &names,
            lookup: &lookup,
            options_in: &|file| options_in(file, &lookup),
            home,
            env,
            current_dir,
        }
    }

    /// Takes in the process; `workon_home` overrules the variable of that name.
    pub(crate) fn take_in(workon_home: Option<PathBuf>) -> Result<Self> {
        let cwd = cwd();
        let workon_home = workon_home.map(|home| venvwrap_core::fs::absolute(&cwd, &home));
        let config = Config::resolve(&lookup, &Directories { workon_home, ..directories() })?;
        let store = Store::open(store_options(&config));
        called::in_store(store.home(), active());
        if user().uid == 0
            && !store.home().exists()
            && let Some(owner) = whose_place(store.home(), user())
        {
            let _ = MISSING_STORE.set((store.home().to_path_buf(), owner));
        }
        Ok(Self { config, store, cwd, vetting: OnceLock::new() })
    }

    /// The same process with another cache, or none.
    pub(crate) fn with_cache(&self, cache_dir: Option<PathBuf>) -> Self {
        let store = self.store.with_cache_dir(cache_dir.clone());
        let config = Config { cache_dir, ..self.config.clone() };
        Self { config, store, cwd: self.cwd.clone(), vetting: OnceLock::new() }
    }

    /// The same process for an environment in any directory. That is its store: the same steps, locks and guarantees. It
    /// may be any, also the home directory, because nothing in it is listed or removed by its name.
    pub(crate) fn anywhere(&self, home: PathBuf) -> Self {
        let options = store_options(&self.config);
        let kept = Some(self.config.workon_home.clone());
        let options = StoreOptions { home, kept, is_anywhere: true, trash: TrashPolicy::none(), ..options };
        let (config, cwd) = (self.config.clone(), self.cwd.clone());
        Self { store: Store::open(options), config, cwd, vetting: OnceLock::new() }
    }

    /// Fails where a directory is for something else than to be an environment.
    pub(crate) fn check_unreserved(&self, directory: &Path) -> Result<(), ReservedError> {
        let config = &self.config;
        let more = config.config_dir.iter().chain([&config.hook_dir]).map(PathBuf::as_path);
        self.store.check_unreserved(directory, &more.collect::<Vec<_>>())
    }

    /// Where and how to look for interpreters.
    pub(crate) fn search(&self) -> Search<'_> {
        Search {
            lookup: &lookup,
            cwd: &self.cwd,
            home: self.config.home.as_deref(),
            cache_dir: self.config.cache_dir.as_deref(),
            user: user(),
            query_timeout: query_timeout(),
            root: Path::new("/"),
        }
    }

    /// Where the user has accepted that others may write; none where this program may not remember anything.
    pub(crate) fn accepted(&self) -> Option<Accepted> {
        self.config.state_dir.as_deref().map(|state| Accepted::new(state, user()))
    }

    /// How the paths of what a shell runs are judged.
    pub(crate) fn vetting(&self) -> &Vetting {
        self.vetting.get_or_init(|| Vetting::new(user(), self.config.state_dir.as_deref()).remembering())
    }

    /// What decides about directories; none where this program may not remember anything.
    pub(crate) fn switcher(&self) -> Option<Switcher<'_>> {
        let state = self.config.state_dir.as_deref()?;
        let trust = TrustStore::new(state, user());
        Some(Switcher { store: &self.store, tree: self.store.mirror()?, trust })
    }

    /// How long removed environments are kept.
    pub(crate) fn trash(&self) -> TrashPolicy {
        trash_policy(&self.config)
    }

    /// A directory as the user wrote it, made absolute; the current one when none is given.
    pub(crate) fn directory(&self, given: Option<&Path>) -> PathBuf {
        let given = given.filter(|directory| !directory.as_os_str().is_empty());
        given.map_or_else(|| self.cwd.clone(), |directory| self.absolute(directory))
    }

    /// A path as the user wrote it, made absolute.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        venvwrap_core::fs::absolute(&self.cwd, path)
    }

    /// The same; fails for a relative path where the current directory has been removed: nothing may be made in it, and
    /// what a shell still calls it may be another one by now.
    pub(crate) fn try_absolute(&self, path: &Path) -> Result<PathBuf, CwdGone> {
        if path.is_relative() && std::env::current_dir().is_err() { Err(CwdGone) } else { Ok(self.absolute(path)) }
    }
}

/// The configuration file, whether or not it exists; found without reading it, so that it can be repaired.
pub(crate) fn config_file() -> Option<PathBuf> {
    let file = venvwrap_core::config::file_path(&lookup, &directories())?;
    Some(venvwrap_core::fs::absolute(&cwd(), &file))
}

/// What is wrong with that file.
pub(crate) fn config_problems() -> Vec<FileProblem> {
    venvwrap_core::config::problems(&lookup, &directories())
}

/// Tests of interpreters that never answer need not wait so long.
fn query_timeout() -> Duration {
    let milliseconds =
        set_variable(variables::VENVWRAP_QUERY_TIMEOUT_MS).and_then(|value| value.to_str()?.parse().ok());
    milliseconds.map_or(QUERY_TIMEOUT, Duration::from_millis)
}

/// The names of all environment variables, to find those of a family.
pub(crate) fn names() -> Vec<OsString> {
    std::env::vars_os().map(|(name, _)| name).collect()
}

/// The value of whatever variable the user names, in a path for instance.
pub(crate) fn lookup(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The value of an environment variable, also an empty one.
pub(crate) fn variable(variable: Variable) -> Option<OsString> {
    std::env::var_os(variable.name)
}

/// The value of an environment variable that is not empty.
pub(crate) fn set_variable(variable: Variable) -> Option<OsString> {
    self::variable(variable).filter(|value| !value.is_empty())
}

/// The environment that is active in the caller's shell.
pub(crate) fn active() -> Option<PathBuf> {
    set_variable(variables::VIRTUAL_ENV).map(PathBuf::from)
}

/// Whose hooks and caches are trusted; the system is asked once.
pub(crate) fn user() -> User {
    static USER: OnceLock<User> = OnceLock::new();
    *USER.get_or_init(User::of_this_process)
}

/// The absolute path of this program.
pub(crate) fn own_path() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from(PROGRAM))
}

/// The path of this program to write into a file: a link that leads here, as package managers make them, is right after an
/// upgrade too. One on PATH comes first, then that by which the program was called.
pub(crate) fn lasting_path() -> PathBuf {
    let own = own_path();
    let called = std::env::args_os().next().map(PathBuf::from).filter(|path| path.components().count() > 1);
    let called = called.map(|path| venvwrap_core::fs::absolute(&cwd(), &path));
    let mut names = on_path(PROGRAM).into_iter().chain(called);
    names.find(|path| path.canonicalize().is_ok_and(|real| real == own)).unwrap_or(own)
}

/// What a plan calls to come back to this program: a function of the shims, which passes on settings that the user has
/// never exported.
pub(crate) fn own_function() -> &'static Path {
    Path::new("__venvwrap_exec")
}

/// Starts this program once more for a job that nobody waits for. Failure is of no consequence: the next run finds the
/// work still undone.
pub(crate) fn start_in_background(arguments: &[OsString]) {
    let is_started = |shell: &str| in_background(shell, arguments).spawn().is_ok();
    if !SHELLS.into_iter().any(is_started) {
        let _ = detached(&mut Command::new(own_path())).args(arguments).spawn();
    }
}

/// The command for such a job, which inherits nothing of the place that it is started from: it would count as a process that
/// uses the environment there, and programs would wait for it that wait until nobody writes to a descriptor.
fn in_background(shell: &str, arguments: &[OsString]) -> Command {
    let mut command = Command::new(shell);
    command.args(["-c", CLOSE_AND_BECOME, "sh"]).arg(own_path()).args(arguments);
    detached(&mut command);
    command
}

fn detached(command: &mut Command) -> &mut Command {
    let kept = std::env::vars_os().filter(|(name, _)| is_for_background(name));
    command.env_clear().envs(kept).env(variables::PATH.name, PLAIN_PATH);
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// Whether a job in the background gets a variable of the caller: what this program reads without a shell, and what the
/// programs of others need.
fn is_for_background(name: &OsStr) -> bool {
    // Tools read `http_proxy`, too.
    let name = name.to_string_lossy().to_ascii_uppercase();
    let is_read = |variable: &Variable| {
        let is_by_job = matches!(variable.reader, Reader::Config | Reader::Directories | Reader::Wheels);
        is_by_job && variable.name == name
    };
    let is_of_family = FAMILIES_FOR_BACKGROUND.iter().any(|family| name.starts_with(family));
    let is_of_place = name == variables::VENVWRAP_AUTO_ENV.name || name == variables::PWD.name;
    !is_of_place && (is_of_family || FOR_BACKGROUND.contains(&name.as_str()) || variables::ALL.iter().any(is_read))
}

/// The first executable of this name on PATH; relative and empty entries are passed over, because they would run a
/// program that the current directory supplies.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = variable(variables::PATH)?;
    std::env::split_paths(&path)
        .filter(|entry| entry.is_absolute())
        .map(|entry| entry.join(program))
        .find(|path| is_executable(path))
}

/// Returns whether a program of this name can be found: a path that is there, or a name in a directory of PATH.
pub(crate) fn is_on_path(program: &str) -> bool {
    if program.contains('/') {
        return Path::new(program).exists();
    }
    let path = variable(variables::PATH).unwrap_or_default();
    std::env::split_paths(&path).any(|directory| is_executable(&directory.join(program)))
}

/// The user's home directory: HOME, else the one that the system knows.
fn home() -> Option<PathBuf> {
    set_variable(variables::HOME).map(PathBuf::from).filter(|home| home.is_absolute())
}

fn trash_policy(config: &Config) -> TrashPolicy {
    let default = TrashPolicy::default();
    TrashPolicy {
        keep: config.trash_keep.unwrap_or(default.keep),
        max: config.trash_max.unwrap_or(default.max),
        ..default
    }
}

fn store_options(config: &Config) -> StoreOptions {
    StoreOptions {
        is_anywhere: false,
        kept: None,
        home: config.workon_home.clone(),
        user_home: config.home.clone(),
        project_filename: config.project_filename.clone(),
        kernel_dir: kernel_dir(config),
        more_kernel_dirs: more_kernel_dirs(),
        state_dir: config.state_dir.clone(),
        cache_dir: config.cache_dir.clone(),
        link_mode: config.link_mode,
        trash: trash_policy(config),
        after_rename: Some(references::finish),
        before_change: None,
        user: user(),
        clock: SystemTime::now,
    }
}

/// Where Jupyter looks for the user's kernels.
fn kernel_dir(config: &Config) -> Option<PathBuf> {
    let absolute = |variable: Variable| set_variable(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = config.home.as_deref();
    let of_platform = || {
        if cfg!(target_os = "macos") {
            return home.map(|home| home.join("Library/Jupyter"));
        }
        let data = absolute(variables::XDG_DATA_HOME).or_else(|| home.map(|home| home.join(".local/share")));
        data.map(|data| data.join("jupyter"))
    };
    absolute(variables::JUPYTER_DATA_DIR).or_else(of_platform).map(|data| data.join("kernels"))
}

/// Those of `JUPYTER_PATH`.
fn more_kernel_dirs() -> Vec<PathBuf> {
    let given = set_variable(variables::JUPYTER_PATH).unwrap_or_default();
    std::env::split_paths(&given).filter(|path| path.is_absolute()).map(|data| data.join("kernels")).collect()
}

fn directories() -> Directories {
    // Without HOME `dirs` would ask the system's user database, which a static binary cannot do everywhere.
    let home = home();
    let known = |find: fn() -> Option<PathBuf>, variable: Variable| {
        let is_findable = home.is_some() || set_variable(variable).is_some_and(|path| Path::new(&path).is_absolute());
        is_findable.then(find).flatten().map(|directory| directory.join(PROGRAM))
    };
    Directories {
        config: config_directory(
            set_variable(variables::XDG_CONFIG_HOME).map(PathBuf::from),
            home.as_deref(),
            known(dirs::config_dir, variables::XDG_CONFIG_HOME),
        ),
        cache: set_variable(variables::VENVWRAP_CACHE_DIR)
            .map(PathBuf::from)
            .or_else(|| known(dirs::cache_dir, variables::XDG_CACHE_HOME)),
        // macOS has no directory for state of its own.
        state: set_variable(variables::VENVWRAP_STATE_DIR)
            .map(PathBuf::from)
            .or_else(|| known(dirs::state_dir, variables::XDG_STATE_HOME))
            .or_else(|| known(dirs::data_local_dir, variables::XDG_DATA_HOME)),
        home,
        workon_home: None,
    }
}

/// The directory of the configuration. macOS has another place for it, but people who use a terminal keep theirs where
/// other systems do.
fn config_directory(xdg: Option<PathBuf>, home: Option<&Path>, of_platform: Option<PathBuf>) -> Option<PathBuf> {
    let xdg = xdg.filter(|path| path.is_absolute()).map(|path| path.join(PROGRAM));
    // Where it is the same directory, nothing has to be asked.
    let is_other = |path: &PathBuf| of_platform.as_ref() != Some(path) && path.is_dir();
    let usual = || home.map(|home| home.join(".config").join(PROGRAM)).filter(is_other);
    let chosen = xdg.or_else(usual);
    chosen.or(of_platform)
}

/// A path depends on a directory that has been removed.
#[derive(Debug, thiserror::Error)]
#[error("the current directory no longer exists")]
pub(crate) struct CwdGone;

impl Explain for CwdGone {
    fn hint(&self) -> Option<String> {
        Some("change to another directory, or give an absolute path".into())
    }
}

/// The current directory; where it has been removed, what the shell still calls it.
fn cwd() -> PathBuf {
    std::env::current_dir()
        .ok()
        .or_else(|| set_variable(variables::PWD).map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_where_people_keep_it_also_on_macos() {
        let home = tempfile::tempdir().unwrap();
        let library = home.path().join("Library/Application Support/venvwrap");
        let of = |xdg: Option<&str>| {
            config_directory(xdg.map(PathBuf::from), Some(home.path()), Some(library.clone())).unwrap()
        };
        assert_eq!(of(None), library);
        assert_eq!(of(Some("relative")), library);
        std::fs::create_dir_all(home.path().join(".config/venvwrap")).unwrap();
        assert_eq!(of(None), home.path().join(".config/venvwrap"));
        assert_eq!(of(Some("/x")), Path::new("/x/venvwrap"));
    }

    /// What the shell of this name leaves open for a program when it was given these descriptors.
    #[cfg(target_os = "linux")]
    fn left_open(shell: &str) -> Vec<String> {
        const OPEN: &str = "exec 3</dev/null 12</dev/null 47</dev/null 200</dev/null; exec \"$@\"";
        let mut command = Command::new("bash");
        command.args(["-c", OPEN, "bash"]).args(shell.split(' ')).args(["-c", CLOSE_AND_BECOME, "sh"]);
        // The last one is the directory itself.
        let output = command.args(["ls", "-v", "/proc/self/fd"]).stdin(Stdio::null()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_job_in_the_background_inherits_no_descriptor() {
        for shell in ["bash", "busybox sh"] {
            if is_on_path(shell.split(' ').next().unwrap()) {
                assert_eq!(left_open(shell), ["0", "1", "2", "3"], "{shell}");
            }
        }
        if is_on_path("dash") {
            assert!(left_open("dash").starts_with(&["0", "1", "2", "3"].map(str::to_owned)), "it starts the program");
        }
    }

    /// The way to packages, and where things are, is the same for a job as for the command that has started it.
    #[test]
    fn a_job_in_the_background_gets_what_it_reads() {
        let read = variables::ALL.iter().filter(|variable| variable.reader == Reader::Wheels);
        let others = ["JUPYTER_DATA_DIR", "HOME", "UV_INDEX_URL", "PIP_CERT", "http_proxy", "https_proxy", "LC_ALL"];
        for name in read.map(|variable| variable.name).chain(others) {
            assert!(is_for_background(name.as_ref()), "{name}");
        }
        for name in ["VIRTUAL_ENV", "VENVWRAP_AUTO_ENV", "PWD", "PATH", "PYTHONPATH", "SHELL", "BASH_ENV"] {
            assert!(!is_for_background(name.as_ref()), "{name}");
        }
    }

    #[test]
    fn a_job_in_the_background_inherits_no_active_environment() {
        let command = in_background("/bin/sh", &["__background".into()]);
        let kept: Vec<_> = command.get_envs().filter(|(_, value)| value.is_some()).map(|(name, _)| name).collect();
        for name in ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "VENVWRAP_AUTO_ENV", "PWD", "OLDPWD", "CARGO_MANIFEST_DIR"] {
            assert!(!kept.contains(&name.as_ref()), "{name}");
        }
        let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value);
        assert_eq!(path, Some(PLAIN_PATH.as_ref()));
        assert_eq!(command.get_current_dir(), Some(Path::new("/")));
    }
}
