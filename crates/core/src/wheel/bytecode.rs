//! Bytecode for unpacked wheels, made once for each kind of interpreter and then linked into every new environment.
//!
//! Without it the first `pip` in an environment takes five times as long. Making it takes about a second, which is why
//! no creation ever waits for it: the caller starts the job in the background.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::archive::Place;
use super::cache::{Cache, CacheDir, publish, sweep};
use super::install::BytecodeTree;
use super::known_wheels::is_sha256;
use super::listing::{Listing, Row};
use super::safe_path::relative_path;
use super::unpack::{Entry, MANIFEST, finish};
use crate::fs::private::User;
use crate::fs::{PathContext, PathError, PathResult, create_dir, open_regular, read_limited, remove_tree};
use crate::fs::{temporary, write_new};
use crate::python::Interpreter;

const MARK: &str = "venvwrap-bytecode 1";
const MAX_LISTING: u64 = 16 << 20;
/// A compiler that takes longer than this has hung.
const TIME_LIMIT: Duration = Duration::from_secs(180);

/// Reads names of source files, writes where the bytecode of each went, relative to the target directory.
///
/// The name given as `dfile` is what the bytecode remembers of its source: no absolute path, so that one tree serves
/// every environment. The time stamp mode is named because `SOURCE_DATE_EPOCH` would otherwise change it.
const COMPILER: &str = r#"
import importlib.util, os, py_compile, sys
source, target = sys.argv[1:]
options = {}
if hasattr(py_compile, "PycInvalidationMode"):
    options["invalidation_mode"] = py_compile.PycInvalidationMode.TIMESTAMP
for name in os.fsdecode(sys.stdin.buffer.read()).split("\n"):
    cached = importlib.util.cache_from_source(name)
    try:
        py_compile.compile(os.path.join(source, name), os.path.join(target, cached), name, True, **options)
    except Exception:
        cached = ""
    sys.stdout.buffer.write(os.fsencode(cached + "\n"))
"#;

/// Why no bytecode could be made.
#[derive(Debug, thiserror::Error)]
pub enum BytecodeError {
    /// A file operation failed.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The cache directory cannot be used, so there is nothing to compile.
    #[error("the cache directory cannot be used")]
    NoCache,
    /// The wheel is not in the cache, or no longer whole.
    #[error("wheel `{0}` is not in the cache")]
    NotCached(String),
    /// The interpreter failed or produced something else.
    #[error("`{}` could not compile the wheel", .0.display())]
    Compiler(std::path::PathBuf),
}

/// What a compile job found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiled {
    /// The bytecode has been made.
    Now,
    /// Another process had made it.
    Before,
}

/// Makes the bytecode of one cached wheel for one kind of interpreter and adds it to the cache.
///
/// This is the job for a detached process. Jobs run one at a time, at low priority.
pub fn compile_pending(
    cache: CacheDir<'_>,
    sha256: &str,
    interpreter: &Interpreter,
) -> Result<Compiled, BytecodeError> {
    if !is_sha256(sha256) {
        return Err(BytecodeError::NotCached(sha256.escape_debug().to_string()));
    }
    let cache = Cache::open_existing(cache).ok_or(BytecodeError::NoCache)?;
    let _lock = cache.lock("compile-lock")?;
    let entry = cache.load(sha256).ok_or_else(|| BytecodeError::NotCached(sha256.to_owned()))?;
    if load(&entry, interpreter, cache.user()).is_some() {
        return Ok(Compiled::Before);
    }
    sweep(&entry.directory);
    let place = entry.directory.join(key(interpreter));
    let temporary = temporary::sibling(&place);
    let made = compile(&entry, interpreter, &temporary).and_then(|()| Ok(publish(&temporary, &place)?));
    if made.is_err() {
        let _ = remove_tree(&temporary);
    }
    made.map(|()| Compiled::Now)
}

/// Returns the ready bytecode of an unpacked wheel; `None` if there is none or it is damaged.
pub(super) fn load(entry: &Entry, interpreter: &Interpreter, user: User) -> Option<BytecodeTree> {
    let directory = entry.directory.join(key(interpreter));
    let text = String::from_utf8(read_limited(&directory.join(MANIFEST), MAX_LISTING).ok()?).ok()?;
    let listing = parse(&text)?;
    listing.is_intact(&directory, user).then_some(BytecodeTree { directory, listing })
}

/// Names the interpreters that can share bytecode: the same magic number, and the same tag in the file names.
fn key(interpreter: &Interpreter) -> String {
    let threads = if interpreter.is_free_threaded() { "t" } else { "" };
    let name = interpreter.implementation.name().to_ascii_lowercase();
    format!("{:04x}-{name}{}{threads}", interpreter.magic, interpreter.version.minor_text())
}

pub(super) fn parse(text: &str) -> Option<Listing> {
    let (first, body) = text.split_once('\n')?;
    let length: usize = first.strip_prefix(MARK)?.strip_prefix(' ')?.parse().ok()?;
    let mut listing = Listing::default();
    body.lines().try_for_each(|line| listing.read_line(line))?;
    (length == body.len()).then_some(listing)
}

fn compile(entry: &Entry, interpreter: &Interpreter, directory: &Path) -> Result<(), BytecodeError> {
    let target = directory.join(Place::Site.directory());
    create_dir(directory, 0o700)?;
    create_dir(&target, 0o700)?;
    let files = &entry.manifest.listing.files;
    let is_source = |row: &&Row| row.place == Place::Site && Path::new(&row.path).extension() == Some("py".as_ref());
    let sources: Vec<&Row> = files.iter().filter(is_source).collect();
    let output = run(entry, interpreter, &target, &sources)?;

    let mut rows = Vec::with_capacity(sources.len());
    for (source, cached) in sources.iter().zip(output.split('\n')) {
        if let Some(row) = accept(&target, source, cached, interpreter)? {
            rows.push(row);
        }
    }
    let mut listing = Listing::new(rows);
    // The others are there already when this tree is laid over that of the sources.
    listing.dirs.retain(|dir| dir.ends_with("__pycache__"));
    let mut body = String::new();
    listing.write(&mut body);
    let text = format!("{MARK} {}\n{body}", body.len());
    Ok(write_new(&directory.join(MANIFEST), text.as_bytes(), 0o600)?)
}

fn run(entry: &Entry, interpreter: &Interpreter, target: &Path, sources: &[&Row]) -> Result<String, BytecodeError> {
    let failed = || BytecodeError::Compiler(interpreter.executable.clone());
    let names: Vec<&str> = sources.iter().map(|row| row.path.as_str()).collect();
    // `-I` makes the interpreter deaf to `PYTHON*`.
    let mut child = Command::new(&interpreter.executable)
        .args(["-I", "-S", "-B", "-c", COMPILER])
        .args([&entry.directory.join(Place::Site.directory()), target])
        .env_remove("SOURCE_DATE_EPOCH")
        .env_remove("__PYVENV_LAUNCHER__")
        .env_remove("PYTHONEXECUTABLE")
        .current_dir(&entry.directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .at("run", &interpreter.executable)?;
    lower_priority(&child);
    let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let reader = std::thread::Builder::new().spawn(move || {
        let mut output = String::new();
        let read = stdout.map(|stdout| stdout.take(MAX_LISTING).read_to_string(&mut output));
        read.and_then(Result::ok).map(|_| output)
    });
    let Ok(reader) = reader else {
        // Its input never came, so it has written nothing.
        child.kill().and_then(|()| child.wait()).at("run", &interpreter.executable)?;
        return Err(failed());
    };
    // A compiler that died shows in its status, not in a broken pipe here.
    let _ = stdin.as_mut().map(|stdin| stdin.write_all(names.join("\n").as_bytes()));
    drop(stdin);
    let is_done = wait(&mut child).at("run", &interpreter.executable)?;
    let output = reader.join().ok().flatten();
    output.filter(|_| is_done).ok_or_else(failed)
}

fn lower_priority(child: &Child) {
    let process = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    let _ = rustix::process::setpriority_process(process, 15);
}

/// Waits for a child, and ends it when it takes too long; returns whether it succeeded.
fn wait(child: &mut Child) -> std::io::Result<bool> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if start.elapsed() > TIME_LIMIT {
            child.kill()?;
            return child.wait().map(|_| false);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Checks one product of the compiler; `None` if its source has none, or it is not what was asked for.
fn accept(target: &Path, source: &Row, cached: &str, interpreter: &Interpreter) -> PathResult<Option<Row>> {
    let directory = source.path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let below = cached.strip_prefix(directory).map(|rest| rest.trim_start_matches('/'));
    let name = below.and_then(|rest| rest.strip_prefix("__pycache__/")).and_then(|name| name.strip_suffix(".pyc"));
    if relative_path(cached.as_bytes()).is_none() || name.is_none_or(|name| name.contains('/')) {
        return Ok(None);
    }
    let path = target.join(cached);
    let mut file = open_regular(&path)?;
    let mut header = Vec::with_capacity(16);
    Read::by_ref(&mut file).take(16).read_to_end(&mut header).at("read", &path)?;
    let expected = expected_header(source, interpreter, header.get(2..4).unwrap_or_default());
    if !header.starts_with(&expected) {
        return Ok(None);
    }
    let size = file.metadata().at("read", &path)?.len();
    let writable = File::options().write(true).open(&path).at("open", &path)?;
    finish(&writable, 0o644, source.mtime).at("write", &path)?;
    let (place, mtime) = (Place::Site, source.mtime);
    Ok(Some(Row { place, path: cached.to_owned(), size, mtime, is_executable: false }))
}

/// The first bytes of valid bytecode for this source: magic number, flags (since Python 3.7), time and size.
fn expected_header(source: &Row, interpreter: &Interpreter, magic_end: &[u8]) -> Vec<u8> {
    // Both are stored with 32 bits, whatever they were.
    let [mtime, size] = [source.mtime.cast_unsigned(), source.size].map(u64::to_le_bytes);
    let flags: &[u8] = if interpreter.version.minor < 7 { &[] } else { &[0; 4] };
    [&interpreter.magic.to_le_bytes()[..], magic_end, flags, &mtime[..4], &size[..4]].concat()
}
