//! What happens in the terminal: keys, and another size.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;

use console::{Key, Term};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::SigId;
use signal_hook::consts::SIGWINCH;
use signal_hook::low_level::{pipe, unregister};

/// One thing that has happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A key was pressed.
    Pressed(Key),
    /// The terminal has another size.
    Resized,
}

/// Everything that happens, as long as this lives.
pub(super) struct Events {
    terminal: Term,
    /// Gets a byte for each signal, so that none is lost that comes between two calls.
    resized: UnixStream,
    signal: SigId,
}

impl Events {
    /// From now on.
    pub(super) fn new() -> io::Result<Self> {
        let (resized, teller) = UnixStream::pair()?;
        resized.set_nonblocking(true)?;
        let signal = pipe::register(SIGWINCH, teller)?;
        Ok(Self { terminal: Term::stderr(), resized, signal })
    }

    /// Waits for the next.
    pub(super) fn next(&mut self) -> io::Result<Event> {
        loop {
            let is_key = self.wait()?;
            if self.is_resized() {
                return Ok(Event::Resized);
            } else if !is_key {
                continue;
            }
            let key = self.read_key()?;
            // What reads keys takes any signal for Ctrl-C.
            return Ok(if key == Key::CtrlC && self.is_resized() { Event::Resized } else { Event::Pressed(key) });
        }
    }

    /// Waits for either, and returns whether there is a key. Where terminals cannot be waited for in this way, as on some
    /// versions of macOS, it returns at once, and reading waits.
    fn wait(&self) -> io::Result<bool> {
        let stdin = io::stdin();
        let mut sources = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&self.resized, PollFlags::IN)];
        match poll(&mut sources, None) {
            Err(Errno::INTR) => Ok(false),
            other => Ok(other.map(|_| !sources[0].revents().is_empty())?),
        }
    }

    fn is_resized(&mut self) -> bool {
        let mut is_resized = false;
        while let Ok(1..) = self.resized.read(&mut [0; 64]) {
            is_resized = true;
        }
        is_resized
    }

    /// Reads a key; also the arrows of a terminal that was left in application mode, which begin with `ESC O`.
    fn read_key(&self) -> io::Result<Key> {
        match self.terminal.read_key_raw()? {
            Key::UnknownEscSeq(sequence) if sequence == ['O'] => Ok(match self.terminal.read_key_raw()? {
                Key::Char('A') => Key::ArrowUp,
                Key::Char('B') => Key::ArrowDown,
                Key::Char('H') => Key::Home,
                Key::Char('F') => Key::End,
                Key::Char('M') => Key::Enter,
                _ => Key::Unknown,
            }),
            key => Ok(key),
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        unregister(self.signal);
    }
}
