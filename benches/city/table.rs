//! The figures of all sizes side by side.

/// One line of the table: what, and the figure with its unit.
pub type Line = (String, String);

/// One column per size; of several, the last says how cost grows with size: 0 not at all, 1 as size
/// does (the slope in a log-log diagram from the first size to the last).
pub fn print(tables: &[(u64, Vec<Line>)]) {
    let sizes: Vec<_> = tables.iter().map(|(size, _)| size.to_string()).collect();
    let (Some((small, first)), Some((large, last))) = (tables.first(), tables.last()) else {
        return;
    };
    let growth = |at: usize| {
        let (before, after): (&Line, &Line) = (&first[at], &last[at]);
        let times = cost(&after.1)? / cost(&before.1)?;
        Some(times.log10() / (*large as f64 / *small as f64).log10())
    };
    let several = tables.len() > 1;
    let tail = |text: &str| {
        if several {
            format!(" {text} |")
        } else {
            String::new()
        }
    };
    println!("\n| parcels | {} |{}", sizes.join(" | "), tail("slope"));
    println!(
        "|---|{}{}",
        "---|".repeat(tables.len()),
        if several { "---|" } else { "" }
    );
    for (at, (what, _)) in first.iter().enumerate() {
        let figures: Vec<_> = tables
            .iter()
            .map(|(_, lines)| lines[at].1.as_str())
            .collect();
        let slope = growth(at).map_or_else(String::new, |slope| format!("{slope:.2}"));
        println!("| {what} | {} |{}", figures.join(" | "), tail(&slope));
    }
}

/// What grows with size: time, memory, or the time of one request. None of a figure that is none of
/// these, or only a limit of it.
fn cost(figure: &str) -> Option<f64> {
    let end = figure.find([' ', '/'])?;
    let number: f64 = figure[..end].parse().ok()?;
    let unit = figure[end + 1..].split([' ', ';']).next()?;
    match unit {
        "core-s" => Some(1.0 / number),
        "s" | "ms" | "MB" => Some(number),
        _ => None,
    }
}
