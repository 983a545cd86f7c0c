//! Fuzzing: the doors through which bytes of others come in, what must hold behind each, and inputs to
//! begin with. `tests/decoders` goes through them on every run of the
//! tests, libFuzzer in `tests/fuzz` for as long as it is let.
//!
//! Nothing in here chooses how long to try, and a door that panics is what is looked for.

mod bundles;
mod change;
mod files;
mod nodes;
mod texts;
mod values;

pub use change::Changes;

/// What became of an input. Both are fine: what must hold was asserted before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entered {
    /// It was read.
    Read,
    /// It was refused.
    Refused,
}

impl Entered {
    /// Returns what a result became.
    pub fn of<T, E>(result: &Result<T, E>) -> Self {
        if result.is_ok() { Self::Read } else { Self::Refused }
    }
}

/// What takes an input in and asserts what must hold of it.
pub type Enter = dyn Fn(&[u8]) -> Entered + Send + Sync;

/// Heap bytes that a door may hold at one time: `ahead`, and `times` the input's length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heap {
    /// Bytes for any input, the empty one included.
    pub ahead: u64,
    /// Bytes for each byte of the input.
    pub times: u64,
}

impl Heap {
    /// Returns what is allowed for an input of `len` bytes.
    pub fn allowed(self, len: usize) -> u64 {
        let len = u64::try_from(len).unwrap_or(u64::MAX);
        self.ahead.saturating_add(self.times.saturating_mul(len))
    }
}

/// A place where bytes of others come in.
pub struct Door {
    /// Its name, and that of the folder of its inputs.
    pub name: String,
    /// Names of the canonical forms that are read behind it.
    pub forms: Vec<String>,
    /// Inputs that are read: what changed ones are made from.
    pub seeds: Vec<Vec<u8>>,
    /// Heap that it may take.
    pub heap: Heap,
    /// How many canonical values can be read in the time that it takes; a short run tries that many fewer.
    pub cost: usize,
    /// Takes an input in.
    pub enter: Box<Enter>,
}

/// Returns all doors, in the order of their names.
pub fn doors() -> Vec<Door> {
    let mut doors = values::doors();
    doors.extend(bundles::doors());
    doors.extend(files::doors());
    doors.extend(nodes::doors());
    doors.extend(texts::doors());
    doors.sort_by(|a, b| a.name.cmp(&b.name));
    doors
}

/// Returns a name as that of a folder.
fn folder(name: &str) -> String {
    name.replace(' ', "-")
}
