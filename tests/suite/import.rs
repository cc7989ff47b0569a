//! Files of other programs become collections of a plan.

pub mod made;

mod changes;
mod columns;
mod crs;
mod folders;
mod formats;
mod messy;
mod messy_shapes;
mod others;
mod readme;
mod refused;
mod round_trip;
mod shapes;
mod stopped;
mod town;
