//! The executable `pirate`; started under the name `pirated` it is `pirate node run`.
//! Holds nothing else: the whole command line is the library beside it.

fn main() {
    std::process::exit(pirate::run(std::env::args_os().collect()));
}
