//! Writes what every door begins with into a folder, one folder for each door, and prints their names: the
//! dearest last, so that a run that is cut short tried the most.

use std::{fs, path::Path};

use harness::fuzz;

fn main() {
    let folder = std::env::args().nth(1).expect("usage: doors FOLDER");
    let mut doors = fuzz::doors();
    doors.sort_by_key(|door| door.cost);
    for door in doors {
        let own = Path::new(&folder).join(&door.name);
        fs::create_dir_all(&own).expect("the folder can be made");
        for (number, seed) in door.seeds.iter().enumerate() {
            fs::write(own.join(format!("seed-{number}")), seed).expect("the folder can be written");
        }
        println!("{}", door.name);
    }
}
