//! The built program at a real terminal (a pseudo terminal of the kernel): what it leaves behind when it is ended
//! while somebody is about to type a secret.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::{ffi::OsStrExt as _, fs::OpenOptionsExt as _},
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::{
    fs::{OFlags, fcntl_setfl},
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, tcgetattr},
};

/// Both ends of a terminal: what a person types goes in at one, the program is at the other.
struct Terminal {
    keyboard: File,
    program: File,
}

impl Terminal {
    fn new() -> Self {
        let keyboard =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("the kernel gives terminals");
        grantpt(&keyboard).expect("the terminal is ours");
        unlockpt(&keyboard).expect("the terminal is ours");
        let name = ptsname(&keyboard, Vec::new()).expect("a terminal has a name");
        let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes())).to_owned();
        let no_control = i32::try_from(OFlags::NOCTTY.bits()).expect("a flag is a small number");
        let program = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(no_control)
            .open(path)
            .expect("the terminal is ours");
        Self { keyboard: keyboard.into(), program }
    }

    fn modes(&self) -> LocalModes {
        tcgetattr(&self.program).expect("it is a terminal").local_modes
    }

    /// Starts a command that asks for a new passphrase, in a session of its own with this terminal, and returns
    /// once nothing that is typed is shown.
    fn ask(&self, home: &Path) -> Child {
        let stdin = self.program.try_clone().expect("a file can be opened twice");
        let mut child = Command::new("setsid")
            .args(["--ctty", env!("CARGO_BIN_EXE_pirate"), "cle", "creer", "--test-lock"])
            .args(["--alias", "Zoé", "--words-output"])
            .arg(home.join("words"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("PIRATE_HOME", home.join("home"))
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("setsid is on every Linux, and the program was just built");
        self.until_unseen(&mut child);
        child
    }

    fn until_unseen(&self, child: &mut Child) {
        while self.modes().contains(LocalModes::ECHO) {
            let ended = child.try_wait().expect("it is our child");
            assert!(ended.is_none(), "it never asked: {}", said(child));
            std::thread::yield_now();
        }
    }

    fn types(&self, keys: &[u8]) {
        (&self.keyboard).write_all(keys).expect("the terminal is open");
    }

    /// Returns what a person saw.
    fn shown(&self) -> String {
        fcntl_setfl(&self.keyboard, OFlags::NONBLOCK).expect("it is a file");
        let mut shown = Vec::new();
        // Ends with an error, since the terminal stays open.
        let _ = (&self.keyboard).read_to_end(&mut shown);
        String::from_utf8_lossy(&shown).into_owned()
    }
}

fn said(child: &mut Child) -> String {
    let mut said = String::new();
    let pipe = child.stderr.as_mut().expect("stderr is piped");
    pipe.read_to_string(&mut said).expect("what it says is UTF-8");
    said
}

#[test]
fn who_ends_a_question_for_a_secret_sees_again_what_they_type() {
    let keys = |terminal: &Terminal, _: Pid| terminal.types(b"\x03");
    let interrupt = |_: &Terminal, pid| kill_process(pid, Signal::INT).expect("it is our child");
    let quit = |_: &Terminal, pid| kill_process(pid, Signal::QUIT).expect("it is our child");
    let terminate = |_: &Terminal, pid| kill_process(pid, Signal::TERM).expect("it is our child");
    type End = fn(&Terminal, Pid);
    let ends: [(&str, End, i32, &str); 4] = [
        ("Ctrl-C", keys, 130, "P0005"),
        ("SIGINT", interrupt, 130, "P0005"),
        ("SIGQUIT", quit, 130, "P0005"),
        ("SIGTERM", terminate, 143, "P0006"),
    ];
    for (how, end, exit, code) in ends {
        let (home, terminal) = (tempfile::tempdir().expect("a directory"), Terminal::new());
        let before = terminal.modes();
        assert!(before.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG));
        let mut child = terminal.ask(home.path());
        end(&terminal, Pid::from_child(&child));
        let said = said(&mut child);
        let ended = child.wait().expect("it is our child");
        assert_eq!(terminal.modes(), before, "{how}: {said}");
        assert_eq!(ended.code(), Some(exit), "{how}: {said}");
        assert_eq!(said.matches("Erreur").count(), 1, "{how}: {said}");
        assert!(said.contains(code) && said.contains("aucune phrase n’a été lue"), "{how}: {said}");
        let page = format!("pirate expliquer {code}");
        assert!(said.contains(&page), "{how}: {said}");
        assert!(!home.path().join("words").exists(), "{how}: words of keys that are not kept");
    }
}

#[test]
fn a_secret_is_typed_unseen_and_read() {
    let (home, terminal) = (tempfile::tempdir().expect("a directory"), Terminal::new());
    let before = terminal.modes();
    let mut child = terminal.ask(home.path());
    terminal.types(b"petits cailloux\r");
    let mut asked = String::new();
    while !asked.contains("encore une fois") {
        let (pipe, mut byte) = (child.stderr.as_mut().expect("stderr is piped"), [0]);
        pipe.read_exact(&mut byte).expect("it asks again");
        // Letters with accents are of no interest here.
        asked.push(char::from(byte[0]));
    }
    terminal.until_unseen(&mut child);
    terminal.types(b"petits cailloux\r");
    let said = said(&mut child);
    assert_eq!(child.wait().expect("it is our child").code(), Some(0), "{said}");
    assert_eq!(terminal.modes(), before);
    let shown = terminal.shown();
    assert!(!shown.contains("cailloux") && !said.contains("cailloux"), "{shown} {said}");
}
