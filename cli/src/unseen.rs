//! A secret that somebody types unseen. Whatever ends the wait for it, Ctrl-C and SIGTERM too, the terminal shows
//! again what is typed. Keeps no secret, and prints nothing but why it ended.

use std::{
    fs::File,
    io,
    process::exit,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{Signal, SignalKind, signal};
use zeroize::Zeroizing;

use crate::{
    codes::{self, Code},
    error::Failure,
    language::Text,
    output::{Printer, Screen},
    text,
};

/// The terminal and how it was, while a secret is read from it.
static HELD: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// Asks on stderr and returns what is typed, up to the end of the line.
///
/// # Errors
/// Without a terminal, or when it ends.
pub(crate) fn read(printer: Printer, question: &Text) -> io::Result<Zeroizing<String>> {
    let terminal = File::open("/dev/tty")?;
    let before = tcgetattr(&terminal)?;
    watch(printer)?;
    *lock(&HELD) = Some((terminal, before));
    printer.question(question);
    let typed = rpassword::read_password().map(Zeroizing::new);
    // rpassword reads Ctrl-C as a letter and signals it to this program before it puts the terminal back.
    if typed.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
        end(printer, codes::INTERRUPTED);
    }
    *lock(&HELD) = None;
    typed
}

/// Listens for Ctrl-C, SIGQUIT and SIGTERM from now on. No signal that is listened to once ends a program by itself any
/// more, so the listener does it as long as the program lives; whoever asks for no secret is not listened for.
fn watch(printer: Printer) -> io::Result<()> {
    static WATCHING: OnceLock<()> = OnceLock::new();
    if WATCHING.get().is_some() {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let [interrupt, quit, terminate] = {
        let _guard = runtime.enter();
        let kinds = [SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()];
        kinds.map(signal)
    };
    let (interrupt, quit, terminate) = (interrupt?, quit?, terminate?);
    std::thread::spawn(move || end(printer, runtime.block_on(first(interrupt, quit, terminate))));
    let _ = WATCHING.set(());
    Ok(())
}

async fn first(mut interrupt: Signal, mut quit: Signal, mut terminate: Signal) -> Code {
    tokio::select! {
        _ = interrupt.recv() => codes::INTERRUPTED,
        _ = quit.recv() => codes::INTERRUPTED,
        _ = terminate.recv() => codes::TERMINATED,
    }
}

/// Puts the terminal back and ends the program. Two threads may come here; the second waits for the end.
fn end(printer: Printer, code: Code) -> ! {
    static ENDING: Mutex<()> = Mutex::new(());
    let _only_one = lock(&ENDING);
    // Which command it was is not known here.
    let failure =
        Failure::new(code, text!("secret-interrupted")).fix(&["pirate", "explain", code.name()]);
    if let Some((terminal, before)) = lock(&HELD).take() {
        let put_back = || {
            // A terminal that is gone shows nothing to anybody.
            let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
        };
        put_back();
        if code == codes::TERMINATED {
            // The question stands on a line that nobody ended.
            printer.aside(&Screen::new().said(String::new()));
        }
        printer.failure(&failure);
        // rpassword changes a terminal in two steps: a signal between them finds the second one still to come.
        put_back();
    }
    exit(failure.exit().code())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
