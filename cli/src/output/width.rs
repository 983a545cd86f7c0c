//! How wide and high the terminal is, asked of the system: the shell's `COLUMNS` is seldom handed on to programs.
//! The only place of the command line that asks a terminal anything.

use rustix::termios::tcgetwinsize;

/// Returns the columns of the terminal that is written to, results first; `None` where there is none or it
/// does not say.
pub(super) fn of_terminal() -> Option<usize> {
    let of = |size: Result<rustix::termios::Winsize, _>| -> Option<usize> {
        size.ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
    };
    of(tcgetwinsize(std::io::stdout())).or_else(|| of(tcgetwinsize(std::io::stderr())))
}

/// Returns the lines of the terminal that results are written to; `None` where there is none or it does not say.
pub(super) fn lines_of_terminal() -> Option<usize> {
    let size = tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_row)).filter(|lines| *lines > 0)
}
