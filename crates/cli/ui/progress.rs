//! What takes long, told on stderr: a line for everybody, a bar on a terminal.

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use venvwrap_core::wheel::Event;

use crate::ui::printer;

/// What is over sooner is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// The progress of one creation.
pub(crate) struct Progress {
    /// Whether the user has asked for a download.
    is_wanted: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins; `is_wanted` tells whether the user has asked for a download.
    pub(crate) fn new(is_wanted: bool) -> Self {
        Self { is_wanted, bar: None }
    }

    /// Shows an event.
    pub(crate) fn show(&mut self, event: &Event) {
        match event {
            Event::AskingIndex { project, host } => {
                let why = if self.is_wanted { "" } else { "no usable wheel on this machine: " };
                printer::message(&format!("{why}asking {host} for {project}"));
            }
            Event::Downloading { file, received, size } if stderr().is_terminal() => {
                let bar = self.bar.get_or_insert_with(|| new_bar(file, *size));
                bar.set_position(*received);
            }
            Event::Downloading { .. } => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The progress of many bytes, shown on a terminal when it takes long.
pub(crate) struct ByteProgress {
    started: Instant,
    is_shown: bool,
    new_bar: Box<dyn Fn() -> ProgressBar + Send + Sync>,
    done: AtomicU64,
    bar: OnceLock<ProgressBar>,
}

impl ByteProgress {
    /// Begins with a copy.
    pub(crate) fn of_copy() -> Self {
        Self::with(new_spinner)
    }

    /// Begins with an archive or a download, of which it shows how fast it is; `total` is the number of bytes, if it is
    /// known.
    pub(crate) fn of_transfer(total: Option<u64>) -> Self {
        Self::with(move || new_transfer_bar(total))
    }

    fn with(new_bar: impl Fn() -> ProgressBar + Send + Sync + 'static) -> Self {
        Self {
            started: Instant::now(),
            is_shown: stderr().is_terminal(),
            new_bar: Box::new(new_bar),
            done: AtomicU64::new(0),
            bar: OnceLock::new(),
        }
    }

    /// Adds what is done; any thread may call this.
    pub(crate) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if self.is_shown && (self.bar.get().is_some() || self.started.elapsed() > PATIENCE) {
            self.bar.get_or_init(&self.new_bar).set_position(done);
        }
    }
}

impl Drop for ByteProgress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

/// How many of some things are done, shown on a terminal when it takes long.
pub(crate) struct CountProgress {
    started: Instant,
    is_shown: bool,
    bar: Option<ProgressBar>,
}

impl CountProgress {
    /// Begins.
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), is_shown: stderr().is_terminal(), bar: None }
    }

    /// Shows how many are done.
    pub(crate) fn show(&mut self, done: usize, all: usize) {
        if self.is_shown && (self.bar.is_some() || self.started.elapsed() > PATIENCE) {
            let bar = self.bar.get_or_insert_with(|| {
                let bar = ProgressBar::new(all as u64);
                if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}") {
                    bar.set_style(style);
                }
                bar
            });
            bar.set_position(done as u64);
        }
    }
}

impl Drop for CountProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn new_transfer_bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec}"),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} {binary_bytes_per_sec}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Nobody knows in advance how much there is to copy.
fn new_spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bytes} copied") {
        bar.set_style(style);
    }
    bar
}

fn new_bar(file: &str, size: Option<u64>) -> ProgressBar {
    let bar = size.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    bar.set_prefix(file.to_string());
    bar
}
