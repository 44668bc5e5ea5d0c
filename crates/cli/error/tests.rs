//! Every hint in full.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;

use venvwrap_core::bundle::CarriedError;
use venvwrap_core::config::edit::ConfigFileError;
use venvwrap_core::config::{ConfigError, FileProblem};
use venvwrap_core::env::CfgError;
use venvwrap_core::env::name::{EnvName, NameError, NameProblem};
use venvwrap_core::env::path_file::PathFileError;
use venvwrap_core::env::project_file::ProjectError;
use venvwrap_core::env::pyvenv_cfg::SetError;
use venvwrap_core::fs::PathError;
use venvwrap_core::fs::exposure::Exposure;
use venvwrap_core::fs::mount_table::Mounted;
use venvwrap_core::fs::private::Danger;
use venvwrap_core::pack::image::ImageError;
use venvwrap_core::pack::remote::RemoteError;
use venvwrap_core::pack::{ArchiveProblem, ListingError, PackError, UnpackError};
use venvwrap_core::project::dotenv::{DotenvError, Problem};
use venvwrap_core::project::marker::{MarkerError, WriteError};
use venvwrap_core::project::templates::ProjectHomeError;
use venvwrap_core::project::trust::TrustError;
use venvwrap_core::python::{self, BaseError, QueryError, Request, RequestError};
use venvwrap_core::shell::activate::ActivateError;
use venvwrap_core::shell::safety::SafetyError;
use venvwrap_core::snapshot::file::FileError;
use venvwrap_core::snapshot::history::HistoryError;
use venvwrap_core::snapshot::lock_writer::LockWriteError;
use venvwrap_core::snapshot::pins::{Pin, PinError};
use venvwrap_core::snapshot::pylock::PylockError;
use venvwrap_core::snapshot::upgrade::{Action, PlanError, Step};
use venvwrap_core::store::adopt::AdoptError;
use venvwrap_core::store::copy::CopyError;
use venvwrap_core::store::create::{CreateError, ForeignError, RebuildError};
use venvwrap_core::store::lock::LockError;
use venvwrap_core::store::remove::RemoveError;
use venvwrap_core::store::trash::Foreign;
use venvwrap_core::store::{AssociateError, FindError, HomeError, OperationError, UndoError};
use venvwrap_core::wheel::{BytecodeError, IndexError, SeedError};

use super::{Context as _, Error, Familiar};

/// The hint of an error; the empty text where there is none.
fn hint(error: impl Into<Error>) -> String {
    error.into().hint().unwrap_or_default().to_string()
}

fn name() -> EnvName {
    EnvName::for_new("web".as_ref()).unwrap()
}

fn path() -> PathBuf {
    PathBuf::from("/nowhere/x y")
}

fn failed(kind: io::ErrorKind) -> PathError {
    PathError { action: "write", path: path(), source: kind.into() }
}

/// An error that the system gives for a full disk: its hint says that it came through.
fn full() -> PathError {
    failed(io::ErrorKind::StorageFull)
}

const FULL: &str = "free some space on the file system of `/nowhere/x y`";

fn busy() -> LockError {
    LockError::Busy { name: name() }
}

const BUSY: &str = "wait for it to finish, then try again";

fn bad_name() -> NameError {
    NameError { name: OsString::from("/"), problem: NameProblem::NotOneComponent }
}

const NAME: &str = "use a plain name, such as `web` or `api-3.12`";

fn no_home() -> HomeError {
    HomeError::Missing { home: path() }
}

const NO_HOME: &str = "`venvwrap create NAME` creates it together with your first environment";

fn not_found(nearest: Option<EnvName>, store_is_empty: bool) -> FindError {
    FindError::NotFound { name: name(), nearest, store_is_empty }
}

fn no_project() -> ProjectError {
    ProjectError::NotADirectory { directory: path() }
}

const NO_PROJECT: &str = "create the directory first, or use `venvwrap create-project`";

fn relative() -> ActivateError {
    ActivateError::RelativePath { path: "x".into() }
}

const UNUSABLE_PATH: &str = "no shell could activate an environment there; set WORKON_HOME to another directory";

#[test]
fn of_the_system() {
    assert_eq!(hint(full()), FULL);
    assert_eq!(
        hint(failed(io::ErrorKind::QuotaExceeded)),
        "your quota on the file system of `/nowhere/x y` is used up"
    );
    assert_eq!(
        hint(failed(io::ErrorKind::ReadOnlyFilesystem)),
        "the file system of `/nowhere/x y` is mounted read-only"
    );
    let busy = PathError { action: "replace", source: rustix::io::Errno::BUSY.into(), ..full() };
    assert_eq!(hint(busy), "something is mounted at `/nowhere/x y`: change the file that is mounted there");
    let protected = PathError { source: rustix::io::Errno::PERM.into(), ..full() };
    assert_eq!(hint(protected), "the system protects `/nowhere/x y`; it may be marked immutable");
    assert_eq!(super::system::protected("/".as_ref(), 1000), "`/` belongs to root, who alone can change or remove it");
    for kind in [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory, io::ErrorKind::Other] {
        assert_eq!(hint(failed(kind)), "");
    }
}

#[test]
fn of_permissions() {
    let directory = std::env::temp_dir().join("venvwrap");
    let denied = |action| PathError { action, path: directory.clone(), source: io::ErrorKind::PermissionDenied.into() };
    // The directory above is the one that refuses, whoever runs this.
    let text = hint(denied("create"));
    let own = format!("run `chmod u+rwx '{}'`", std::env::temp_dir().display());
    let foreign = format!("`{}` belongs to root, who can give you permission", std::env::temp_dir().display());
    assert!(text == own || text == foreign, "{text}");
    assert!(!text.contains("WORKON_HOME"));
}

#[test]
fn of_names_and_finding() {
    assert_eq!(hint(bad_name()), NAME);
    assert_eq!(hint(not_found(Some(name()), false)), "did you mean `web`?");
    assert_eq!(hint(not_found(None, true)), "there are no environments yet; `venvwrap create web` creates this one");
    assert_eq!(
        hint(not_found(None, false)),
        "`venvwrap list` lists your environments; `venvwrap create web` creates this one"
    );
    assert_eq!(
        hint(FindError::NotAnEnvironment { path: path(), repairable: None }),
        "`venvwrap list` lists your environments"
    );
    let lost = FindError::NotAnEnvironment { path: path(), repairable: Some(name()) };
    assert_eq!(hint(lost), "`venvwrap repair web` writes them again");
    assert_eq!(hint(FindError::Name(bad_name())), NAME);
    assert_eq!(hint(FindError::Home(no_home())), NO_HOME);
    assert_eq!(hint(no_home()), NO_HOME);
    let own = "set WORKON_HOME to a directory that holds nothing else, such as `~/.virtualenvs`";
    assert_eq!(hint(HomeError::NotADirectory { home: path() }), own);
    assert_eq!(hint(HomeError::Unsuitable { home: path() }), own);
    let itself = HomeError::InEnvironment { home: path(), environment: path() };
    let file = path().join("pyvenv.cfg");
    let expected =
        format!("remove `{}` if it was made by mistake, or set WORKON_HOME to another directory", file.display());
    assert_eq!(hint(itself), expected);
    let inside = HomeError::InEnvironment { home: path(), environment: "/e".into() };
    assert_eq!(hint(inside), "set WORKON_HOME to a directory outside of it, such as `~/.virtualenvs`");
    let unwilling =
        |kind: io::Error| HomeError::Path(PathError { action: "create", path: "/proc/x".into(), source: kind });
    let other = "set WORKON_HOME to a directory in which you can create others, such as `~/.virtualenvs`";
    assert_eq!(hint(unwilling(io::ErrorKind::NotFound.into())), other);
    assert_eq!(hint(unwilling(rustix::io::Errno::PERM.into())), other);
    assert_eq!(hint(HomeError::Path(full())), FULL);
}

#[test]
fn of_what_operations_share() {
    assert_eq!(hint(OperationError::Lock(busy())), BUSY);
    assert_eq!(hint(OperationError::Home(no_home())), NO_HOME);
    assert_eq!(hint(OperationError::Project(no_project())), NO_PROJECT);
    assert_eq!(hint(OperationError::Path(full())), FULL);
    assert_eq!(hint(AssociateError::NoState), "set HOME, or VENVWRAP_STATE_DIR to a directory");
    assert_eq!(hint(AssociateError::from(busy())), BUSY);
    let not_a_directory = Familiar::NotADirectory(path());
    for error in [
        Error::from(OperationError::from(no_project())),
        CreateError::from(no_project()).into(),
        ForeignError::from(no_project()).into(),
        AssociateError::from(no_project()).into(),
    ] {
        assert_eq!(error.familiar(), Some(&not_a_directory), "{error:?}");
    }
}

#[test]
fn of_creating() {
    assert_eq!(hint(CreateError::Exists { name: name() }), "`--clear` replaces it");
    assert_eq!(hint(CreateError::Occupied { path: path() }), "move it away, or choose another place");
    assert_eq!(
        hint(CreateError::Link { path: path() }),
        "`venvwrap remove` removes the link and leaves its target alone"
    );
    assert_eq!(hint(CreateError::Foreign { path: path() }), "`--clear` recreates the environment");
    let other = CreateError::OtherPython { name: name(), existing: "3.8".into(), requested: "3.12".into() };
    assert_eq!(hint(other), "`--clear` replaces it; its packages must be installed again");
    assert_eq!(hint(CreateError::NotCopyable { executable: path() }), "leave out `--copies`");
    assert_eq!(hint(CreateError::Activate(relative())), UNUSABLE_PATH);
    assert_eq!(hint(CreateError::Configuration(SetError::BadKey { key: String::new() })), "");
    assert_eq!(hint(CreateError::from(no_project())), NO_PROJECT);
    assert_eq!(hint(CreateError::Seed(SeedError::Path(full()))), FULL);
    assert_eq!(hint(CreateError::from(busy())), BUSY);
    assert_eq!(hint(CreateError::from(no_home())), NO_HOME);
    assert_eq!(hint(CreateError::from(full())), FULL);
}

#[test]
fn of_creating_by_a_program() {
    let start = ForeignError::Start { program: "virtualenv".into(), source: io::ErrorKind::NotFound.into() };
    assert_eq!(
        hint(start),
        "VIRTUALENVWRAPPER_VIRTUALENV or `creator` in config.toml names it; unset it to use the built-in creator"
    );
    assert_eq!(hint(ForeignError::Failed { program: String::new(), status: ExitStatus::default() }), "");
    assert_eq!(hint(ForeignError::Nothing { program: String::new(), name: name() }), "");
    assert_eq!(hint(ForeignError::from(no_project())), NO_PROJECT);
    assert_eq!(hint(ForeignError::from(busy())), BUSY);
    assert_eq!(hint(ForeignError::from(no_home())), NO_HOME);
    assert_eq!(hint(ForeignError::from(full())), FULL);
}

#[test]
fn of_copying() {
    assert_eq!(hint(CopyError::Source(not_found(Some(name()), false))), "did you mean `web`?");
    assert_eq!(hint(CopyError::Missing { path: path() }), "give the name of an environment, or its directory");
    assert_eq!(
        hint(CopyError::Exists { name: name() }),
        "choose another name, or remove it first with `venvwrap remove`"
    );
    assert_eq!(hint(CopyError::IntoItself { path: path() }), "set WORKON_HOME to a directory outside it");
    assert_eq!(hint(CopyError::Vanished { path: path() }), "");
    assert_eq!(hint(CopyError::Activate(relative())), UNUSABLE_PATH);
    assert_eq!(hint(CopyError::from(busy())), BUSY);
    assert_eq!(hint(CopyError::from(no_home())), NO_HOME);
    assert_eq!(hint(CopyError::from(full())), FULL);
}

#[test]
fn of_removing_and_adopting() {
    let mounted = || Mounted { path: path(), mount: path() };
    assert_eq!(hint(RemoveError::Mounted(mounted())), "unmount it first; nothing was removed");
    assert_eq!(hint(CreateError::Mounted(mounted())), "unmount it first; nothing was removed");
    assert_eq!(
        hint(RemoveError::Holds { path: path(), held: path() }),
        "set WORKON_HOME to a directory that holds nothing else, such as `~/.virtualenvs`"
    );
    assert_eq!(hint(RemoveError::Active { name: name() }), "run `deactivate`, or switch to another environment, first");
    assert_eq!(hint(RemoveError::NotAnEnvironment { path: path() }), "`--force` removes the directory anyway");
    assert_eq!(hint(RemoveError::NotADirectory { path: path() }), "only environments can be removed");
    assert_eq!(hint(RemoveError::Find(not_found(Some(name()), false))), "did you mean `web`?");
    let lists = "`venvwrap list` lists your environments";
    assert_eq!(hint(RemoveError::Find(not_found(None, false))), lists);
    assert_eq!(hint(CopyError::Source(not_found(None, false))), lists);
    assert_eq!(hint(RemoveError::Find(not_found(None, true))), "there are no environments yet");
    assert_eq!(hint(RemoveError::from(busy())), BUSY);
    assert_eq!(hint(RemoveError::from(full())), FULL);
    assert_eq!(hint(AdoptError::Exists { path: path() }), "nothing was replaced; choose another name, or move it away");
    let directory = "give the directory of an environment, such as `~/src/web/.venv`";
    assert_eq!(hint(AdoptError::NotAnEnvironment { path: path() }), directory);
    assert_eq!(hint(AdoptError::Missing { path: path() }), directory);
    assert_eq!(hint(AdoptError::Own { path: path() }), "use it by its name");
    assert_eq!(hint(AdoptError::from(busy())), BUSY);
    assert_eq!(hint(AdoptError::from(full())), FULL);
    assert_eq!(hint(LockError::Path(full())), FULL);
    assert_eq!(hint(LockError::Foreign { path: path(), owner: 1 }), "ask that user to remove it");
    let of_user = LockError::OfUser { path: path(), owner: 4_000_000_001 };
    assert_eq!(of_user.to_string(), format!("`{}` belongs to `4000000001`", path().display()));
    assert_eq!(hint(of_user), "run it as that user: `sudo -H -u \\#4000000001 venvwrap ...`");
    let nowhere = PathError { action: "write to", path: "/proc".into(), source: io::ErrorKind::NotFound.into() };
    assert_eq!(hint(LockError::Path(nowhere)), "nothing can be created in `/proc`; choose another directory");
}

#[test]
fn of_undoing() {
    let kept = "what was removed is kept for a day, unless `trash_keep` says otherwise or the disk is almost full";
    let not_found = |kept, others| UndoError::NotFound { name: name(), kept, others };
    assert_eq!(hint(UndoError::Empty { others: Vec::new() }), kept);
    assert_eq!(hint(not_found(Vec::new(), Vec::new())), kept);
    let of = |owner| vec![Foreign { home: "/it's".into(), path: path(), owner }];
    assert_eq!(hint(not_found(vec![name()], of(0))), "`venvwrap undo --list` lists what is kept");
    for (owner, name, command) in [(0, "root", "sudo"), (4_000_000_001, "4000000001", "sudo -H -u \\#4000000001")] {
        let told =
            format!("`{name}` keeps what it has removed: `{command} WORKON_HOME='/it'\\''s' venvwrap trash` lists it");
        assert_eq!(hint(UndoError::Empty { others: of(owner) }), told);
        assert_eq!(hint(not_found(Vec::new(), of(owner))), told);
    }
    let taken = "`venvwrap undo web --as NEW` brings it back under another name";
    assert_eq!(hint(UndoError::Taken { name: name() }), taken);
    assert_eq!(hint(UndoError::Busy { name: name() }), BUSY);
    assert_eq!(hint(UndoError::from(busy())), BUSY);
    assert_eq!(hint(UndoError::from(full())), FULL);
    let mounted = Mounted { path: path(), mount: path() };
    assert_eq!(hint(UndoError::from(mounted)), "unmount it first; nothing was removed");
    let exists = CopyError::Exists { name: name() };
    assert_eq!(hint(UndoError::from(exists)), "choose another name, or remove it first with `venvwrap remove`");
}

#[test]
fn of_interpreters() {
    let request = || Request::parse("3.99".as_ref(), "/".as_ref(), None).unwrap();
    let seen = ["3.11", "3.13t"].map(String::from).to_vec();
    assert_eq!(hint(python::FindError::NotFound { request: request(), seen, failed: None }), "found: 3.11, 3.13t");
    let install = "install Python 3.8 or later, or name one with `--python PATH`";
    assert_eq!(hint(python::FindError::NotFound { request: request(), seen: Vec::new(), failed: None }), install);
    assert_eq!(hint(python::FindError::NoPython), install);
    assert_eq!(
        hint(python::FindError::Shim { path: path() }),
        "select a version in the version manager, or name the interpreter itself"
    );
    assert_eq!(
        hint(python::FindError::Base(BaseError::Gone { environment: path(), home: path() })),
        "install that Python again, or select another with `--python`"
    );
    let other = "`venvwrap pythons` lists the interpreters that `--python` can name";
    assert_eq!(hint(python::FindError::NoneIn { directory: path() }), other);
    assert_eq!(hint(BaseError::Unknown { environment: path() }), other);
    assert_eq!(hint(BaseError::Endless { path: path() }), other);
    assert_eq!(hint(python::FindError::Query(QueryError::Missing { path: path() })), other);
    assert_eq!(hint(QueryError::NotExecutable { path: path() }), other);
    assert_eq!(hint(QueryError::Start { path: path(), source: io::ErrorKind::PermissionDenied.into() }), other);
    assert_eq!(hint(QueryError::NotPython { path: path() }), other);
    assert_eq!(hint(QueryError::UnknownKind { path: path(), name: String::new() }), other);
    assert_eq!(hint(QueryError::TimedOut { path: path(), limit: std::time::Duration::ZERO }), other);
    assert_eq!(hint(QueryError::Failed { path: path(), status: String::new(), message: String::new() }), other);
    let supported = "venvwrap creates environments for Python 3.8 and later";
    assert_eq!(hint(QueryError::Python2 { path: path(), version: "2.7".into() }), supported);
    assert_eq!(hint(QueryError::TooOld { path: path(), version: "3.6".into() }), supported);
    let form = "give a version (`3.12`), a range (`>=3.11`), a command (`python3.12`) or a path";
    assert_eq!(hint(RequestError::Empty), form);
    assert_eq!(hint(RequestError::Python2 { request: "2".into() }), supported);
    assert_eq!(hint(RequestError::TooOld { request: "3.1".into() }), supported);
    assert_eq!(hint(RequestError::Range { request: ">".into(), reason: String::new() }), form);
    assert_eq!(hint(RequestError::NoHome { request: "~/x".into() }), "write the path in full");
}

#[test]
fn of_wheels() {
    let missing = SeedError::NotFound { wanted: "pip".into(), python: "3.12".into(), refused: None };
    assert_eq!(
        hint(missing),
        "`--no-pip` leaves pip out; `--extra-search-dir DIR` looks for wheels in DIR; `--download` asks the index"
    );
    let missing = SeedError::NotFound { wanted: "setuptools==1".into(), python: "3.12".into(), refused: None };
    assert!(hint(missing).starts_with("`--no-setuptools` leaves setuptools out; "));
    assert_eq!(hint(SeedError::Version("x".into())), "a version looks like `24.0`");
    let without = "`--no-pip` leaves pip out; `--extra-search-dir DIR` looks for wheels in DIR";
    let host = || "host".to_string();
    assert_eq!(hint(SeedError::Index(IndexError::Unsupported)), without);
    assert_eq!(hint(IndexError::NotOffered { host: host(), wanted: host(), python: host() }), without);
    assert_eq!(hint(IndexError::Unreachable { host: host(), source: "no".into() }), without);
    assert_eq!(hint(IndexError::Refused { host: host(), status: 404 }), without);
    assert_eq!(hint(IndexError::Page { host: host() }), without);
    assert_eq!(hint(IndexError::Checksum { file: host(), host: host() }), without);
    assert_eq!(
        hint(IndexError::Downgraded { host: host(), to: host() }),
        "ask those who run the index to send on to an `https` address"
    );
    assert_eq!(
        hint(IndexError::Unencrypted { host: host() }),
        "use an `https` address, or name the host in pip's `trusted-host`"
    );
    assert_eq!(
        hint(IndexError::Certificates(path())),
        "it is named by pip's `cert`, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE"
    );
    assert_eq!(hint(IndexError::Proxy), "check pip's `proxy` and the variable HTTPS_PROXY");
    assert_eq!(hint(IndexError::Path(full())), FULL);
    assert_eq!(hint(BytecodeError::Path(full())), FULL);
    assert_eq!(hint(BytecodeError::NoCache), "");
    assert_eq!(hint(BytecodeError::NotCached(String::new())), "");
    assert_eq!(hint(BytecodeError::Compiler(path())), "");
}

#[test]
fn of_activation() {
    assert_eq!(
        hint(ActivateError::UnknownActivator { name: "x".into() }),
        "the activators are bash, fish, cshell, powershell, nushell and python"
    );
    assert_eq!(hint(ActivateError::ControlInPrompt { prompt: "\n".into() }), "choose another `--prompt`");
    assert_eq!(hint(relative()), UNUSABLE_PATH);
    assert_eq!(hint(ActivateError::ColonInPath { path: path() }), UNUSABLE_PATH);
    assert_eq!(hint(ActivateError::ControlInPath { path: path() }), UNUSABLE_PATH);
    assert_eq!(hint(ActivateError::PathNotUtf8 { path: path() }), UNUSABLE_PATH);
    assert_eq!(
        hint(SafetyError::NoScript { env: path(), script: path() }),
        "`venvwrap create` with the same name restores it and keeps the packages"
    );
    assert_eq!(
        hint(SafetyError::Injection { script: "/x/a b/bin/activate".into(), line: 1 }),
        "`venvwrap repair 'a b'` writes a safe script; `venvwrap run` works without one"
    );
    assert_eq!(
        hint(SafetyError::Injection { script: "/x y/.venv/bin/activate".into(), line: 1 }),
        "`venvwrap venv '/x y/.venv'` writes a safe script and keeps the packages; `venvwrap run` works without one"
    );
    assert_eq!(
        hint(SafetyError::Elsewhere { env: "/x/a b".into(), path: path() }),
        "`venvwrap repair 'a b'` repairs it"
    );
    // What is no environment, `--clear` refuses.
    assert_eq!(
        hint(SafetyError::Elsewhere { env: "/x y/.venv".into(), path: path() }),
        "create an environment in another directory"
    );
    let place = tempfile::tempdir().unwrap();
    let env = place.path().join(".venv");
    std::fs::create_dir(&env).unwrap();
    std::fs::write(env.join("pyvenv.cfg"), "home = /usr/bin\n").unwrap();
    let creates_again = format!("`venvwrap venv --clear {}` creates it again", env.display());
    assert_eq!(hint(SafetyError::Elsewhere { env, path: path() }), creates_again);
    // Nor does it make one that no script could name.
    let odd = |env: &[u8]| hint(SafetyError::Elsewhere { env: OsStr::from_bytes(env).into(), path: path() });
    let renames = "` gives it a name that shells can use";
    assert_eq!(odd(b"/nowhere/b\xffd"), format!("`venvwrap rename $'b\\377d' NEW{renames}"));
    assert_eq!(odd(b"/nowhere/a:b"), format!("`venvwrap rename a:b NEW{renames}"));
    assert_eq!(odd(b"/nowhere\xff/.venv"), "create an environment in another directory");
    let exposed = |danger| {
        let exposure = Exposure { path: path(), danger };
        hint(SafetyError::Exposed { script: path(), exposure })
    };
    let accept = "`venvwrap allow --shared '/nowhere/x y'`";
    assert_eq!(exposed(Danger::ForeignOwner(7)), format!("if you trust that user, run {accept}"));
    let group = format!("run `chmod g-w '/nowhere/x y'`, or {accept} if you trust that group");
    assert_eq!(exposed(Danger::WritableByGroup(7)), group);
    let all = format!("run `chmod go-w '/nowhere/x y'`, or {accept} if you trust all users");
    assert_eq!(exposed(Danger::WritableByOthers), all);
    // Nobody is to close what everybody needs.
    for path in ["/tmp", "/dev/shm", "/dev/zero"].map(PathBuf::from).into_iter().filter(|path| path.exists()) {
        for danger in [Danger::WritableByOthers, Danger::WritableByGroup(7)] {
            let exposure = Exposure { path: path.clone(), danger };
            let error = SafetyError::Exposed { script: path.clone(), exposure };
            assert_eq!(hint(error), super::shell::USE_OWN_FILE, "{}", path.display());
        }
        assert_eq!(hint(TrustError::WritableByOthers { path }), super::shell::USE_OWN_FILE);
    }
    assert_eq!(hint(SafetyError::Path(full())), FULL);
}

#[test]
fn of_projects_and_trust() {
    assert_eq!(hint(ProjectError::Malformed { file: path() }), "`venvwrap project set nowhere DIR` rewrites it");
    assert_eq!(hint(no_project()), NO_PROJECT);
    assert_eq!(hint(ProjectError::LineBreak { directory: path() }), "rename the directory");
    assert_eq!(hint(ProjectError::Path(full())), FULL);
    assert_eq!(hint(PathFileError::LineBreak { directory: path() }), "rename the directory");
    assert_eq!(hint(PathFileError::Path(full())), FULL);
    assert_eq!(hint(CfgError::Path(full())), FULL);
    assert_eq!(hint(CfgError::Value(SetError::LineBreak { key: String::new(), value: String::new() })), "");
    assert_eq!(hint(TrustError::WritableByOthers { path: path() }), "run `chmod go-w '/nowhere/x y'`");
    assert_eq!(
        hint(TrustError::ForeignOwner { path: path() }),
        "if you trust that user, run `venvwrap allow --shared '/nowhere/x y'` first"
    );
    assert_eq!(hint(TrustError::Variable { name: "-".into() }), "a name consists of letters, digits and `_`");
    assert_eq!(hint(TrustError::Path(full())), FULL);
    let rewrite = "remove `/nowhere/x y`, and write it again with `venvwrap link NAME`";
    assert_eq!(hint(MarkerError::Empty { file: path() }), rewrite);
    assert_eq!(hint(MarkerError::Missing { file: path(), target: path() }), rewrite);
    assert_eq!(hint(MarkerError::NotAnEnvironment { file: path(), target: path() }), rewrite);
    assert_eq!(hint(MarkerError::Path(full())), FULL);
    assert_eq!(hint(WriteError::Exists { path: path() }), "nothing was replaced; move it away first");
    assert_eq!(hint(WriteError::LineBreak { path: path() }), "rename the directory");
    assert_eq!(hint(WriteError::Path(full())), FULL);
    assert_eq!(hint(DotenvError::Changed { directory: path() }), "");
    assert_eq!(hint(DotenvError::Syntax { file: path(), line: 1, problem: Problem::Nul }), "");
    assert_eq!(hint(DotenvError::Path(full())), FULL);
}

#[test]
fn of_archives() {
    let archive = |problem| UnpackError::Archive { path: path(), problem };
    assert_eq!(hint(archive(ArchiveProblem::Damaged("x".into()))), "copy or download it again");
    assert!(hint(archive(ArchiveProblem::Unread("sparse files"))).starts_with("make it again"));
    for (bytes, log) in [((1 << 30) + 1, 31), (1 << 27, 27), (40 << 20, 26)] {
        let words = format!("decompress it first, with `zstd -dk --long={log} FILE`");
        assert_eq!(hint(archive(ArchiveProblem::Window { bytes })), words);
    }
    let refused = ArchiveProblem::Unsafe { name: path(), reason: "x" };
    assert_eq!(hint(archive(refused)), "do not unpack it with another program either; ask its author");
    assert_eq!(hint(UnpackError::Exists { path: path() }), "choose another name, or remove it first");
    assert_eq!(hint(UnpackError::from(full())), FULL);
    assert_eq!(hint(PackError::Path(full())), FULL);
    let no_python = ImageError::NoPython { path: path(), program: "python3.12".into() };
    assert_eq!(
        hint(PackError::Image(no_python)),
        "use an image with the same minor version, such as `python:3.12-slim`"
    );
    assert_eq!(hint(ImageError::Compressed { path: path() }), "decompress it first: `gunzip '/nowhere/x y'`");
    assert_eq!(hint(ImageError::Path(full())), FULL);
    let unknown = ListingError::Unknown { path: path() };
    assert_eq!(hint(CarriedError::from(unknown)), "name an archive of `venvwrap pack`, a bundle or an image");
    let editable = PackError::Editable { names: vec!["web".into(), "api".into()] };
    assert_eq!(
        editable.to_string(),
        "`web`, `api` are installed as editable: their files are outside of the environment"
    );
    assert_eq!(hint(editable), "`--editable copy` builds and packs them, `--editable skip` leaves them out");
    assert_eq!(hint(RemoteError::Exists { path: path() }), "choose another directory, or remove it there first");
}

#[test]
fn of_the_directory_of_projects() {
    assert_eq!(
        hint(ProjectHomeError::Unset),
        "`venvwrap config set project_home '~/src'` sets the directory of your projects, as does PROJECT_HOME"
    );
    assert_eq!(hint(ProjectHomeError::Missing(path())), "create it, or set PROJECT_HOME to an existing directory");
    assert_eq!(hint(ProjectHomeError::Exists(path())), "`--force` creates an environment for it anyway");
    let missing = ProjectHomeError::NoTemplate { name: "web".into(), directories: vec!["/a".into(), "/b".into()] };
    assert_eq!(hint(missing), "a template is an executable file `template_web` in `/a` or `/b`");
}

#[test]
fn of_a_path_that_does_not_exist() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("web.tar.gz"), "").unwrap();
    let missing = |name: &str| {
        let path = root.path().join(name);
        let source = std::io::ErrorKind::NotFound.into();
        hint(PathError { action: "read", path, source }).replace(root.path().to_str().unwrap(), "ROOT")
    };
    assert_eq!(missing("wbe.tar.gz"), "did you mean `ROOT/web.tar.gz`?");
    assert_eq!(missing("web.tar.g"), "did you mean `ROOT/web.tar.gz`?");
    // Only their kind makes these alike.
    assert_eq!(missing("nope.tar.gz"), "");
    assert_eq!(missing("$(touch PWN)"), "");
    assert_eq!(missing("no/where/x"), "there is no directory `ROOT/no`");
}

#[test]
fn nobody_creates_an_environment_with_the_name_of_a_file() {
    let not_found = |name: &str| {
        let name = EnvName::for_existing(name.as_ref()).unwrap();
        hint(FindError::NotFound { name, nearest: None, store_is_empty: false })
    };
    assert_eq!(not_found("web"), "`venvwrap list` lists your environments; `venvwrap create web` creates this one");
    assert_eq!(not_found("web.bundle.tar"), "`venvwrap list` lists your environments");
}

#[test]
fn a_path_in_a_command_to_copy_is_one_word() {
    let hostile = PathBuf::from("/a'; rm $(b)\n");
    assert_eq!(hint(TrustError::WritableByOthers { path: hostile }), r"run `chmod go-w $'/a\'; rm $(b)\012'`");
    let hostile = EnvName::for_existing("a $(b)".as_ref()).unwrap();
    assert_eq!(
        hint(UndoError::Taken { name: hostile }),
        "`venvwrap undo 'a $(b)' --as NEW` brings it back under another name"
    );
}

#[test]
fn of_the_configuration() {
    assert_eq!(hint(ConfigError::NoHome { variable: "PROJECT_HOME" }), "set HOME, or PROJECT_HOME to an absolute path");
    let other = ConfigError::OtherUser { variable: "PROJECT_HOME", value: "~x".into() };
    assert_eq!(hint(other), "set PROJECT_HOME to an absolute path");
    let wrong = |variable| hint(ConfigError::Value { variable, value: String::new(), problem: String::new() });
    assert_eq!(wrong("WORKON_HOME"), "");
    let unset = "`venvwrap config unset creator_args` removes it, `venvwrap config edit` opens the file";
    assert_eq!(wrong("creator_args"), unset);
    assert_eq!(hint(ConfigError::Read(full())), FULL);
    let problem = |line: Option<usize>, key: Option<&str>| FileProblem {
        file: path(),
        line,
        key: key.map(Into::into),
        is_removable: key.is_some(),
        message: String::new(),
        affected: Vec::new(),
    };
    let repair = "`venvwrap config unset cd` removes the line, `venvwrap config edit` opens the file";
    assert_eq!(hint(ConfigError::File(problem(Some(1), Some("cd")))), repair);
    let whole = FileProblem { is_removable: false, ..problem(Some(1), Some("cd")) };
    assert_eq!(hint(ConfigError::File(whole)), "`venvwrap config edit` opens the file");
    assert_eq!(hint(ConfigError::File(problem(None, None))), "make the file readable, or remove it");
    let near = ConfigFileError::Key { key: "projecthome".into(), nearest: Some("project_home") };
    assert_eq!(hint(near), "did you mean `project_home`?");
    let keys = hint(ConfigFileError::Key { key: "x".into(), nearest: None });
    assert!(keys.starts_with("the keys are ") && keys.contains(", picker"), "{keys}");
    let value = ConfigFileError::Value { key: "cd".into(), value: String::new(), wanted: String::new() };
    assert_eq!(hint(value), "");
    assert_eq!(hint(ConfigFileError::Syntax(problem(Some(1), None))), "`venvwrap config edit` opens the file");
    assert_eq!(hint(ConfigFileError::Odd { path: path(), key: "cd".into() }), "`venvwrap config edit` opens the file");
    assert_eq!(hint(ConfigFileError::Path(full())), FULL);
}

#[test]
fn a_context_keeps_what_is_known() {
    let error = Err::<(), _>(RemoveError::Active { name: name() }).with_context(|| "could not remove `web`".into());
    let error = error.unwrap_err();
    let chain: Vec<_> = error.chain().map(ToString::to_string).collect();
    assert_eq!(chain, ["could not remove `web`", "`web` is the active environment"]);
    assert_eq!(error.hint(), Some("run `deactivate`, or switch to another environment, first"));
    assert_eq!(error.familiar(), Some(&Familiar::Active(name())));
    assert_eq!(error.status(), 1);
}

#[test]
fn hints_for_what_is_restored() {
    assert_eq!(hint(HistoryError::Empty { environment: name() }), "`venvwrap snapshot web` takes one");
    let unknown = HistoryError::Unknown { environment: name(), id: "7".into() };
    for error in [unknown, HistoryError::Ambiguous { environment: name(), id: "2".into() }] {
        assert_eq!(hint(error), "`venvwrap snapshot list web` lists them");
    }
    assert_eq!(hint(HistoryError::Path(full())), FULL);
    let unpinned = PinError::Unpinned { name: "a".into(), specifiers: ">=1".into() };
    let others = "`pip install -r` takes others";
    assert_eq!(
        hint(unpinned),
        format!("an exact version looks like `a==1.0`, as `venvwrap freeze` prints it; {others}")
    );
    let step = |key: &str, action| {
        let pin = Pin {
            key: key.into(),
            version: None,
            line: key.into(),
            has_hashes: false,
            is_seed: false,
            is_from_index: true,
            path: None,
        };
        Step { pin, action, installed: None }
    };
    let stopped = |is_down| {
        let steps = vec![step("a", Action::NoWheel), step("b", Action::NotForPython)];
        hint(PlanError::Stopped { steps, is_down })
    };
    let built = "`--allow-build a` builds from source";
    assert_eq!(stopped(false), format!("`--relax a --relax b` takes newer versions; {built}"));
    let newer = "take a newer Python, or uninstall what is not for this one first";
    assert_eq!(stopped(true), format!("{newer}; {built}"));
    let twice = PinError::Twice { name: "a".into(), first: "1".into(), second: "2".into() };
    assert_eq!(hint(twice), "correct the file");
    let nothing = PinError::Nothing { title: "`-`".into() };
    assert_eq!(hint(nothing), "check what writes it; `--allow-empty` removes all packages");
    let not_for = PinError::NotFor { title: "`pylock.toml`".into(), wanted: "Python >=4".into() };
    assert_eq!(not_for.to_string(), "`pylock.toml` is only for Python >=4");
    assert_eq!(hint(not_for), "make a lock for this Python and this system");
    let gone = PinError::Gone { name: "a".into(), path: path() };
    assert_eq!(hint(gone), "bring it back, or uninstall the package first");
    let lock = |source| FileError::Pylock { file: "x.toml".into(), source };
    assert_eq!(
        hint(lock(PylockError::NotALock)),
        "of `.toml` files only `pylock.toml` lists packages; `uv export` and `pip lock` write one"
    );
    assert_eq!(hint(lock(PylockError::Version("2.0".into()))), "");
    let missing = LockWriteError::Missing { name: "a".into(), version: "1".into() };
    assert_eq!(hint(missing), "it may come from another index; `--extra-index-url` of pip names one");
    let link = RebuildError::Create(CreateError::Link { path: path() });
    assert_eq!(hint(link), "go to what it points to; `venvwrap restore --in-place` changes that");
    assert_eq!(hint(RebuildError::Create(busy().into())), "wait for it to finish, then try again");
}
