//! What the cases share: fixed people and cités, and the golden vectors of the format.
//! Nothing in here is part of the program, and nothing in here decides whether a case passes.

pub mod audited;
pub mod chance;
pub mod chaos;
pub mod cluster;
pub mod disk;
pub mod document;
pub mod drills;
pub mod fence;
pub mod fuzz;
pub mod hostile;
pub mod logs;
pub mod model;
pub mod news;
pub mod outage;
pub mod people;
pub mod planted;
pub mod processes;
pub mod real;
mod repeats;
pub mod rights;
pub mod samples;
pub mod sim;
pub mod table;
pub mod variants;
pub mod vectors;
pub mod volume;
pub mod world;
