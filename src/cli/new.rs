use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{CliError, print};
use crate::import::{self, NewPlan};
use crate::model::{Bbox, Period, Text};

#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// The folder to make; it is not there yet, or empty
    dir: PathBuf,
    /// The plan's title, in Chinese
    #[arg(long, value_name = "TITLE")]
    title: String,
    /// The plan's title in English [default: the same]
    #[arg(long, value_name = "TITLE")]
    title_en: Option<String>,
    /// First and last year, such as 2026-2030 [default: China's five-year plan of this year]
    #[arg(long, value_name = "YEARS")]
    period: Option<String>,
    /// The box that every coordinate must lie in, in degrees: west,south,east,north [default: the first
    /// import's, and a little more]
    #[arg(long, value_name = "BOX", allow_hyphen_values = true)]
    extent: Option<String>,
}

pub(super) fn new(args: &NewArgs) -> Result<ExitCode, CliError> {
    let wrong = |parameter: &str, reason: String| CliError::Word {
        parameter: Some(parameter.to_owned()),
        reason,
    };
    if args.title.trim().is_empty() {
        return Err(wrong("title", "expected a title, found none".to_owned()));
    }
    let period = args.period.as_deref().map(|text| {
        let years = text.split_once('-');
        let years = years.and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
        years
            .filter(|(start, end)| start <= end)
            .map(|(start, end)| Period { start, end })
            .ok_or_else(|| {
                wrong(
                    "period",
                    format!("expected years such as 2026-2030, found {text:?}"),
                )
            })
    });
    let extent = args.extent.as_deref().map(|text| {
        text.parse::<Bbox>()
            .map(
                |Bbox {
                     west,
                     south,
                     east,
                     north,
                 }| [west, south, east, north],
            )
            .map_err(|error| wrong("extent", error.to_string()))
            .and_then(|extent| match extent {
                [west, _, east, _] if west >= east => Err(wrong(
                    "extent",
                    format!("expected west before east, found {west} and {east}"),
                )),
                extent => Ok(extent),
            })
    });
    let plan = NewPlan {
        folder: args.dir.clone(),
        title: Text {
            zh: args.title.clone(),
            en: args.title_en.clone().unwrap_or_else(|| args.title.clone()),
        },
        period: period.transpose()?,
        extent: extent.transpose()?,
    };
    import::create(&plan)?;
    let dir = args.dir.display();
    print(format!("{dir} is a plan with nothing in it yet; seeds/plan.toml says what it is, README.md what goes where\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
