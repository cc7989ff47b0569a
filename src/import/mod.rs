//! From a file of another program to a collection of a plan folder.
//!
//! The file is read twice: once to see what it holds, once to write it. What is written is a draft beside the file
//! that it will be; the plan is read as it would be with the drafts in place, and refused if it then has errors
//! that it does not have now. Only then are the drafts put in place, each at once and in an order in which
//! the plan can be served after every one of them. Memory is taken by what a plan takes, and not by the file.

mod before;
mod cell;
mod change;
mod changed;
mod draft;
mod error;
mod feature;
mod ids;
mod infer;
mod name;
mod new;
mod one_kind;
mod place;
mod profile;
mod proposal;
mod repair;
mod run;
mod settings;
mod shift;
mod skipped;
mod sound;
mod tables;
mod target;
mod time;
mod wiring;
mod write;

use std::path::PathBuf;

pub use change::{Changes, Named};
pub use draft::abandon;
pub use error::{ImportError, Troubles};
pub use infer::infer;
pub use new::{NewPlan, create};
pub use place::Asked;
pub use run::prepare;
pub use wiring::Map;

use crate::ingest::Progress;
use crate::source::Options;
use draft::Draft;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file.
    pub file: PathBuf,
    /// How it is opened.
    pub options: Options,
    /// The plan folder.
    pub plan: PathBuf,
    /// The collection's id.
    pub collection: String,
    /// What is said of the CRS.
    pub asked: Asked,
    /// What is said of columns.
    pub maps: Vec<Map>,
    /// The file's column of ids.
    pub id: Option<String>,
    /// Texts that say nothing, beside the empty one.
    pub nulls: Vec<String>,
    /// Repairs shapes that are not valid, where their area changes by no more than this share.
    pub repair: Option<f64>,
    /// The file for records that cannot be taken over, where these are to be left out.
    pub skip_invalid: Option<PathBuf>,
    /// True where the plan's extent may grow.
    pub extend: bool,
    /// True where a file without records is meant: the collection is empty then.
    pub allow_empty: bool,
    /// True where nothing is put in place: drafts need not lie in the plan's folder.
    pub dry_run: bool,
    /// How many ids of each kind of change, and how many repairs, are told.
    pub told: usize,
}

/// Who follows a long import.
pub struct Watch<'a> {
    /// Hears how far it is.
    pub tell: &'a mut dyn FnMut(Progress),
    /// Answers true once it is to stop.
    pub stopped: &'a dyn Fn() -> bool,
}

/// An import that is ready to be put in place.
#[derive(Debug)]
pub struct Prepared {
    /// Records that were taken over.
    pub records: u64,
    /// What was assumed, and what fills what; a sentence each.
    pub notes: Vec<String>,
    /// What somebody should look at.
    pub warnings: Vec<String>,
    /// What changes in the collection; none where the plan has errors of its own.
    pub changes: Option<Changes>,
    /// In the order in which they are put in place.
    drafts: Vec<Draft>,
}

impl Prepared {
    /// Puts the files in place.
    ///
    /// # Errors
    /// One of them cannot be written. The plan can be served whichever it is.
    pub fn put(self) -> Result<(), ImportError> {
        draft::putting();
        self.drafts.into_iter().try_for_each(Draft::put)
    }
}
