//! What takes longer than two seconds says what it does and how far it is.
//! A moving line on a terminal, else one line every ten seconds; silent with `--quiet`.

use std::{
    io::IsTerminal as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
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
        if printer.quiet() || (printer.form() == Form::Json && !terminal) {
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
        }
    }
}

fn percent(position: u64, total: u64) -> Option<u64> {
    position.min(total).checked_mul(100)?.checked_div(total)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_part_of_nothing_is_no_percentage() {
        assert_eq!(percent(3, 0), None);
        assert_eq!(percent(1, 4), Some(25));
        assert_eq!(percent(9, 4), Some(100));
        assert_eq!(percent(u64::MAX, u64::MAX), None);
    }
}
