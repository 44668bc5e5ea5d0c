//! What an installer says, passed on line by line as it comes, without the passwords and tokens of URLs.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _, PipeReader, pipe};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Command, ExitStatus, Stdio};

use super::interrupt;
use super::tool::{InstallError, without_secrets};
use crate::ui::printer;

/// The installer's words on their way.
struct Stream {
    words: PipeReader,
    is_data: bool,
}

/// Runs an installer whose words go to standard output and standard error. A terminal gets them from the installer itself,
/// which shows progress there; what is written elsewhere stays there, with the tokens that are in it.
pub(super) fn run(command: &mut Command, input: &[u8]) -> Result<ExitStatus, InstallError> {
    let started = streams(command).and_then(|streams| {
        let readers = streams.into_iter().map(|stream| move || stream.pass_on()).collect();
        interrupt::status_with(command, input, readers)
    });
    started.map_err(|source| InstallError::start(command, source))
}

/// The same where all of them go to standard error.
pub(super) fn run_to_stderr(command: &mut Command, input: &[u8]) -> Result<ExitStatus, InstallError> {
    let started = stream_to_stderr(command).and_then(|stream| {
        let readers = stream.into_iter().map(|stream| move || stream.pass_on()).collect();
        interrupt::status_with(command, input, readers)
    });
    started.map_err(|source| InstallError::start(command, source))
}

fn stream_to_stderr(command: &mut Command) -> io::Result<Option<Stream>> {
    if io::stderr().is_terminal() {
        command.stdout(io::stderr());
        return Ok(None);
    }
    let (words, writer) = pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    Ok(Some(Stream { words, is_data: false }))
}

/// One for both where they go to the same place, so that the lines keep their order.
fn streams(command: &mut Command) -> io::Result<Vec<Stream>> {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    if !stderr.is_terminal() && is_same(stdout.as_fd(), stderr.as_fd()) {
        return Ok(stream_to_stderr(command)?.into_iter().collect());
    }
    let mut streams = Vec::new();
    if !stdout.is_terminal() {
        let (words, writer) = pipe()?;
        command.stdout(Stdio::from(writer));
        streams.push(Stream { words, is_data: true });
    }
    if !stderr.is_terminal() {
        let (words, writer) = pipe()?;
        command.stderr(Stdio::from(writer));
        streams.push(Stream { words, is_data: false });
    }
    Ok(streams)
}

fn is_same(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    let identity = |file| rustix::fs::fstat(file).map(|found| (found.st_dev, found.st_ino));
    identity(one).is_ok_and(|one| identity(other) == Ok(one))
}

impl Stream {
    fn pass_on(self) {
        let mut words = BufReader::new(self.words);
        let mut line = Vec::new();
        while words.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = without_secrets(String::from_utf8_lossy(&line).trim_end()) + "\n";
            if self.is_data {
                // A reader that is gone ends nothing: the installer goes on.
                let _ = printer::data(text.as_bytes());
            } else {
                printer::draw(&text);
            }
            line.clear();
        }
    }
}
