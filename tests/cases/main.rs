//! All cases in one binary, one module per drawer. A case that cannot fail does not belong here.

mod audit;
mod border;
mod bytes;
mod card;
mod clock;
mod cluster;
mod crash;
mod daemon;
mod desks;
mod documents;
mod failures;
mod house;
mod json;
mod kills;
mod lan;
mod letters;
mod mirror;
mod mistakes;
mod model;
mod network;
mod order;
mod power;
mod refusing;
mod rules;
mod walkthroughs;
mod ways;
