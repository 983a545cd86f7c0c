//! What takes longer than two seconds says what it does and how far it is.
//! A moving line on a terminal, else one line every ten seconds; silent with `--quiet`.

use std::{
    io::IsTerminal as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::{
    language::Text,
    output::{Form, Printer, Screen},
    text,
};

/// Below this nothing is shown: a flash of text helps nobody.
const SILENT: Duration = Duration::from_secs(2);
/// Between two lines where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);
/// Between two movements on a terminal.
const TICK: Duration = Duration::from_millis(120);

/// The line that moves on this terminal now, if one does.
static MOVING: Mutex<Option<indicatif::ProgressBar>> = Mutex::new(None);

/// Whether something under way shows itself: the first says what is done, what it waits for meanwhile adds nothing.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Writes to the terminal beside a line that may be moving there: takes it away meanwhile, else what is
/// written would stand after it on the same line, or be written over.
pub(crate) fn beside<T>(write: impl FnOnce() -> T) -> T {
    let moving = MOVING.lock().unwrap_or_else(PoisonError::into_inner);
    match moving.as_ref() {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

fn moving(bar: Option<indicatif::ProgressBar>) {
    *MOVING.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Something under way; stops showing itself when dropped.
#[derive(Debug)]
pub struct Progress {
    position: Arc<AtomicU64>,
    total: Arc<AtomicU64>,
    stop: Option<Sender<()>>,
    shower: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts to watch something called `what` (without a full stop). Say in `what` when it can be
    /// interrupted without risk.
    pub fn start(printer: Printer, what: Text) -> Self {
        let position = Arc::new(AtomicU64::new(0));
        let total = Arc::new(AtomicU64::new(0));
        let terminal = std::io::stderr().is_terminal() && printer.form() == Form::Human;
        if printer.quiet()
            || (printer.form() == Form::Json && !terminal)
            || SHOWN.swap(true, Ordering::Relaxed)
        {
            return Self { position, total, stop: None, shower: None };
        }
        let (stop, stopped) = channel::<()>();
        let (at, of) = (Arc::clone(&position), Arc::clone(&total));
        let shower = std::thread::spawn(move || {
            if stopped.recv_timeout(SILENT) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let begun = Instant::now();
            let bar = terminal.then(indicatif::ProgressBar::new_spinner);
            moving(bar.clone());
            let pause = if terminal { TICK } else { EVERY };
            loop {
                let done = percent(at.load(Ordering::Relaxed), of.load(Ordering::Relaxed));
                let elapsed = begun.elapsed().saturating_add(SILENT).as_secs();
                let line = match done {
                    Some(percent) => text!(
                        "progress-percent",
                        what = what.clone(),
                        percent = percent,
                        seconds = elapsed
                    ),
                    None => text!("progress", what = what.clone(), seconds = elapsed),
                };
                match &bar {
                    Some(bar) => {
                        bar.set_message(printer.lang().say(&line));
                        bar.tick();
                    }
                    None => printer.aside(&Screen::new().line(line)),
                }
                if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            moving(None);
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        Self { position, total, stop: Some(stop), shower: Some(shower) }
    }

    /// Says how much there is to do in all.
    pub fn total(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Says how much is done.
    pub fn at(&self, position: u64) {
        self.position.store(position, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(shower) = self.shower.take() {
            let _ = shower.join();
            SHOWN.store(false, Ordering::Relaxed);
        }
    }
}

fn percent(position: u64, total: u64) -> Option<u64> {
    position.min(total).checked_mul(100)?.checked_div(total)
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use indicatif::{ProgressBar, ProgressDrawTarget, TermLike};

    use super::{beside, moving, percent};

    #[test]
    fn a_part_of_nothing_is_no_percentage() {
        assert_eq!(percent(3, 0), None);
        assert_eq!(percent(1, 4), Some(25));
        assert_eq!(percent(9, 4), Some(100));
        assert_eq!(percent(u64::MAX, u64::MAX), None);
    }

    /// A terminal that notes what is done to it.
    #[derive(Debug, Clone, Default)]
    struct Noting(Arc<Mutex<Vec<String>>>);

    impl Noting {
        fn note(&self, what: &str) {
            self.0.lock().expect("nobody panics here").push(what.to_owned());
        }
    }

    impl TermLike for Noting {
        fn width(&self) -> u16 {
            80
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
            if !text.trim().is_empty() {
                self.note("line");
            }
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.note("clear");
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_written_meanwhile_stands_on_a_line_of_its_own() {
        let terminal = Noting::default();
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        bar.set_message("La saison se joue");
        bar.tick();
        moving(Some(bar));
        beside(|| terminal.note("said"));
        moving(None);
        beside(|| terminal.note("alone"));
        let notes = terminal.0.lock().expect("nobody panics here").clone();
        let said = notes.iter().position(|note| note == "said").expect("it was written");
        assert_eq!(notes.get(said - 1).map(String::as_str), Some("clear"), "{notes:?}");
        assert_eq!(notes.get(said + 1).map(String::as_str), Some("line"), "{notes:?}");
        assert_eq!(notes.last().map(String::as_str), Some("alone"), "{notes:?}");
    }
}
