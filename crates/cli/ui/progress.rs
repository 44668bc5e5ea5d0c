//! What takes long, told on stderr: a line for everybody, a bar on a terminal.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use venvwrap_core::config::variables;
use venvwrap_core::pack::Step;
use venvwrap_core::wheel::Event;

use crate::process::set_variable;
use crate::ui::printer;
use crate::ui::table::bytes;

/// What is over sooner is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether nothing may be drawn any more: the program ends.
static IS_OVER: Mutex<bool> = Mutex::new(false);

/// Removes a bar, and the `^C` of an interruption, from the line of the cursor. The threads that draw go on until the
/// program ends; from now on in vain.
pub(crate) fn end() {
    *IS_OVER.lock().unwrap_or_else(PoisonError::into_inner) = true;
    if printer::is_read() {
        let is_dumb = set_variable(variables::TERM).is_none_or(|term| term == "dumb");
        printer::draw(if is_dumb { "\r" } else { "\r\x1b[K" });
    }
}

fn unless_over(draw: impl FnOnce()) {
    let is_over = IS_OVER.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_over {
        draw();
    }
}

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
                let bar = self.bar.get_or_insert_with(|| download_bar(file, *size));
                unless_over(|| bar.set_position(*received));
            }
            Event::Downloading { .. } | Event::Built => {}
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
    what: &'static str,
    /// How much there is to do; zero as long as nobody knows.
    total: AtomicU64,
    started: Instant,
    is_shown: bool,
    done: AtomicU64,
    bar: OnceLock<ProgressBar>,
}

impl ByteProgress {
    /// Begins; `what` happens with `total` bytes, if that number is known.
    pub(crate) fn new(what: &'static str, total: Option<u64>) -> Self {
        Self {
            what,
            total: AtomicU64::new(total.unwrap_or(0)),
            started: Instant::now(),
            is_shown: stderr().is_terminal(),
            done: AtomicU64::new(0),
            bar: OnceLock::new(),
        }
    }

    /// Adds what is done; any thread may call this.
    pub(crate) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if self.is_shown && (self.bar.get().is_some() || self.started.elapsed() > PATIENCE) {
            let bar = self.bar.get_or_init(|| transfer_bar(self.what, self.total(), self.started));
            unless_over(|| {
                if self.total() != bar.length() {
                    measured(bar, self.total(), self.started);
                }
                bar.set_position(done);
            });
        }
    }

    /// Shows a step.
    pub(crate) fn show(&self, step: Step) {
        match step {
            Step::Ahead(bytes) => {
                self.total.fetch_add(bytes, Ordering::Relaxed);
            }
            Step::Done(bytes) => self.add(bytes),
        }
    }

    fn total(&self) -> Option<u64> {
        Some(self.total.load(Ordering::Relaxed)).filter(|total| *total != 0)
    }
}

impl Drop for ByteProgress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

fn transfer_bar(what: &str, total: Option<u64>, started: Instant) -> ProgressBar {
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new).with_prefix(what.to_string());
    measured(&bar, total, started);
    bar
}

/// Shows how much of the total is done, once that is known.
fn measured(bar: &ProgressBar, total: Option<u64>, started: Instant) {
    let template = match total {
        Some(_) => "{prefix} {wide_bar} {done} of {all}  {speed}",
        None => "{spinner} {prefix}  {done}  {speed}",
    };
    bar.set_style(style(template, started));
    if let Some(total) = total {
        bar.set_length(total);
    }
}

fn download_bar(file: &str, size: Option<u64>) -> ProgressBar {
    // Of a wheel's name the project and the version.
    let what = file.split('-').take(2).collect::<Vec<_>>().join(" ");
    match size {
        Some(size) => styled(ProgressBar::new(size), &what, "{prefix} {wide_bar} {done} of {all}", Instant::now()),
        None => styled(ProgressBar::new_spinner(), &what, "{spinner} {prefix}  {done}", Instant::now()),
    }
}

fn styled(bar: ProgressBar, what: &str, template: &str, started: Instant) -> ProgressBar {
    // Nothing is drawn before it is complete.
    bar.with_prefix(what.to_string()).with_style(style(template, started))
}

/// Numbers as lists have them. The speed is that since the beginning, when there was no bar yet.
fn style(template: &str, started: Instant) -> ProgressStyle {
    type Out<'a> = &'a mut dyn std::fmt::Write;
    let of = |number: fn(&ProgressState) -> u64| {
        move |state: &ProgressState, out: Out<'_>| {
            let _ = out.write_str(&bytes(number(state)));
        }
    };
    let speed = move |state: &ProgressState, out: Out<'_>| {
        let _ = write!(out, "{}/s", bytes(per_second(state.pos(), started.elapsed())));
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style.with_key("done", of(ProgressState::pos)).with_key("all", of(|state| state.len().unwrap_or(0)));
    style.with_key("speed", speed)
}

fn per_second(count: u64, time: Duration) -> u64 {
    u64::try_from(u128::from(count) * 1000 / time.as_millis().max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::{ProgressDrawTarget, TermLike};

    use crate::ui::columns::measure;

    /// A terminal of so many columns that keeps what was written last.
    #[derive(Clone, Debug)]
    struct Terminal(u16, Arc<Mutex<String>>);

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            self.0
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.1.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.1.lock().unwrap().clear();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a bar shows there.
    fn shown(bar: &ProgressBar, columns: u16, position: u64) -> String {
        let terminal = Terminal(columns, Arc::default());
        bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        bar.set_position(position);
        bar.force_draw();
        let text = terminal.1.lock().unwrap().trim_end().to_string();
        assert!(measure(&text) <= columns.into(), "{columns}: {text:?}");
        text
    }

    #[test]
    fn nothing_is_drawn_while_the_program_ends() {
        let mut count = 0;
        unless_over(|| count += 1);
        end();
        unless_over(|| count += 1);
        assert_eq!(count, 1);
    }

    #[test]
    fn a_bar_says_what_happens_and_fits() {
        let long_ago = Instant::now().checked_sub(Duration::from_secs(100)).unwrap();
        for columns in [40, 60, 80, 120] {
            let bar = transfer_bar("unpacking", Some(338_000_000), long_ago);
            let text = shown(&bar, columns, 169_000_000);
            assert!(text.starts_with("unpacking ") && text.ends_with(" 169 MB of 338 MB  1.7 MB/s"), "{text:?}");
            assert!(columns == 40 || text.contains("█░"), "{text:?}");
            let bar = transfer_bar("copying", None, long_ago);
            let text = shown(&bar, columns, 1_234_000);
            assert!(text.ends_with(" copying  1.2 MB  12 kB/s"), "{text:?}");
            measured(&bar, Some(2_468_000), long_ago);
            let text = shown(&bar, columns, 1_234_000);
            assert!(text.starts_with("copying ") && text.ends_with(" 1.2 MB of 2.5 MB  12 kB/s"), "{text:?}");
            let text = shown(&download_bar("pip-26.3-py3-none-any.whl", Some(1_800_000)), columns, 900_000);
            assert!(text.starts_with("pip 26.3 █") && text.ends_with("░ 900 kB of 1.8 MB"), "{text:?}");
        }
    }
}
