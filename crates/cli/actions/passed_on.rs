//! What an installer says, passed on line by line as it comes, without the passwords and tokens of URLs.

use std::io::{self, IsTerminal as _, PipeReader, Read as _, pipe};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Command, ExitStatus, Stdio};

use venvwrap_core::snapshot::credentials::hide_in_words;

use super::interrupt;
use crate::ui::printer;

/// The installer's words on their way.
struct Stream {
    words: PipeReader,
    is_data: bool,
}

/// Runs an installer whose words go to standard output and standard error. A terminal gets them from the installer itself,
/// which shows progress there; what is written elsewhere stays there, with the tokens that are in it.
pub(super) fn run(command: &mut Command, input: &[u8]) -> io::Result<ExitStatus> {
    let streams = streams(command)?;
    let readers = streams.into_iter().map(|stream| move || stream.pass_on()).collect();
    interrupt::status_with(command, input, readers)
}

/// The same where all of them go to standard error.
pub(super) fn run_to_stderr(command: &mut Command, input: &[u8]) -> io::Result<ExitStatus> {
    let stream = stream_to_stderr(command)?;
    let readers = stream.into_iter().map(|stream| move || stream.pass_on()).collect();
    interrupt::status_with(command, input, readers)
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
    fn pass_on(mut self) {
        let (mut held, mut chunk) = (Vec::new(), [0; 8192]);
        loop {
            let count = match self.words.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => return self.tell(&held),
                Ok(count) => count,
            };
            // What is held has no end of a line.
            match complete(&chunk[..count]) {
                0 => held.extend_from_slice(&chunk[..count]),
                end => {
                    held.extend_from_slice(&chunk[..end]);
                    self.tell(&held);
                    held.clear();
                    held.extend_from_slice(&chunk[end..count]);
                }
            }
        }
    }

    fn tell(&self, words: &[u8]) {
        let clean = words.split_inclusive(|&byte| byte == b'\n').map(clean).collect::<Vec<_>>().concat();
        if self.is_data {
            // A reader that is gone ends nothing: the installer goes on.
            let _ = printer::data(&clean);
        } else {
            printer::draw_bytes(&clean);
        }
    }
}

/// How much can be passed on: whole lines. A question waits in its line, after a blank, which no secret reaches across.
fn complete(words: &[u8]) -> usize {
    let end = if words.ends_with(b" ") { Some(words.len() - 1) } else { words.iter().rposition(|&byte| byte == b'\n') };
    end.map_or(0, |end| end + 1)
}

/// A line without secrets; byte for byte where it has none, since it may name files that are not in UTF-8.
fn clean(line: &[u8]) -> Vec<u8> {
    hide_in_words(&String::from_utf8_lossy(line)).map_or_else(|| line.to_vec(), String::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_passed_on_whole_and_questions_at_once() {
        for (words, count) in [("", 0), ("a\nb", 2), ("/a?token=t0", 0), ("a\nUser for h: ", 14), ("a b\n", 4)] {
            assert_eq!(complete(words.as_bytes()), count, "{words}");
        }
    }

    #[test]
    fn a_line_without_secrets_keeps_its_bytes() {
        for line in [&b"file \xff\r\n"[..], b" \t\n", b"\xff?x=1"] {
            assert_eq!(clean(line), line);
        }
        assert_eq!(clean(b"\xff /a?token=t0ken\n"), "\u{fffd} /a?token=****\n".as_bytes());
    }
}
