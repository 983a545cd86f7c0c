//! All cases in one binary, one module per drawer. A case that cannot fail does not belong here.

mod bytes;
mod cluster;
mod documents;
mod rules;
