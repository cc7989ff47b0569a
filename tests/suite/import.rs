//! Files of other programs become collections of a plan.

pub mod made;

mod changes;
mod columns;
mod crs;
mod folders;
mod messy;
mod others;
mod readme;
mod refused;
mod round_trip;
mod stopped;
mod town;
