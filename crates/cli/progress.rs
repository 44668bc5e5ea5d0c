//! What takes long, told on stderr: a line for everybody, a bar on a terminal.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use venvwrap_core::seed::Event;

use crate::printer;

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

fn new_bar(file: &str, size: Option<u64>) -> ProgressBar {
    let bar = size.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    bar.set_prefix(file.to_string());
    bar
}
