//! Which columns of a new collection are its time: when its features begin and end.

use crate::model::{Column, ColumnType, TimeColumns};

/// What the names of starts have, and what those of their ends have in its place.
const PAIRS: [(&str, &[&str]); 17] = [
    ("start", &["end", "finish", "stop", "completion"]),
    ("begin", &["end", "finish"]),
    ("begins", &["ends"]),
    ("from", &["to", "until", "till", "thru", "through"]),
    ("since", &["until", "till"]),
    ("opening", &["closing"]),
    ("opened", &["closed"]),
    ("open", &["close"]),
    ("开始", &["结束", "终止", "截止", "完成"]),
    ("起始", &["终止", "结束", "截止"]),
    ("启动", &["完成", "结束"]),
    ("开工", &["竣工", "完工", "交工"]),
    ("动工", &["竣工", "完工"]),
    ("生效", &["失效", "终止"]),
    ("起", &["止", "迄", "讫"]),
    ("開始", &["結束", "終止"]),
    ("開工", &["竣工", "完工"]),
];

/// Names of a column that is the only time of its features.
const ALONE: [&str; 12] = [
    "date",
    "datetime",
    "time",
    "timestamp",
    "day",
    "日期",
    "时间",
    "時間",
    "发生日期",
    "发生时间",
    "年月日",
    "event date",
];

/// Finds them among columns, each with the file's own name for it. Both are dates, or both are times.
pub(super) fn proposed(columns: &[(&str, &Column)]) -> Option<TimeColumns> {
    let dated: Vec<(Vec<String>, &Column)> = columns
        .iter()
        .filter(|(_, column)| matches!(column.kind, ColumnType::Date | ColumnType::Timestamp))
        .map(|(header, column)| (words(header), *column))
        .collect();
    for (name, start) in &dated {
        for (word, others) in PAIRS {
            let ends = others
                .iter()
                .filter_map(|other| replaced(name, word, other));
            for end in ends {
                let found = dated
                    .iter()
                    .find(|(name, column)| *name == end && column.kind == start.kind);
                if let Some((_, found)) = found.filter(|(_, found)| found.name != start.name) {
                    return Some(TimeColumns {
                        start: start.name.clone(),
                        end: Some(found.name.clone()),
                    });
                }
            }
        }
    }
    match dated.as_slice() {
        [(name, only)] if ALONE.contains(&name.join(" ").as_str()) => Some(TimeColumns {
            start: only.name.clone(),
            end: None,
        }),
        _ => None,
    }
}

/// The words of a header, in small letters: `startDate` and `START_DATE` are start and date. Chinese is one word.
fn words(header: &str) -> Vec<String> {
    // Of a part of a nested column its own name counts.
    let own = header.rsplit('.').next().unwrap_or(header);
    let mut words = vec![String::new()];
    let mut before_is_small = false;
    for c in own.chars() {
        let parts = !c.is_alphanumeric() || before_is_small && c.is_uppercase();
        if parts {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before_is_small = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A name with another word in the place of one; of Chinese with other characters. None where it has not the word.
fn replaced(name: &[String], word: &str, other: &str) -> Option<Vec<String>> {
    let mut found = false;
    let all = name.iter().map(|own| {
        let fits = own == word || !word.is_ascii() && own.contains(word) || glued(own, word);
        if found || !fits {
            return own.clone();
        }
        found = true;
        own.replacen(word, other, 1)
    });
    let all: Vec<String> = all.collect();
    found.then_some(all)
}

/// `startdate`, `starttime`: two words that nothing parts.
fn glued(own: &str, word: &str) -> bool {
    let rest = own.strip_prefix(word).or_else(|| own.strip_suffix(word));
    rest.is_some_and(|rest| ["date", "time", "datetime", "day", "at", "on"].contains(&rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headers: &[(&str, ColumnType)]) -> Option<(String, Option<String>)> {
        let columns: Vec<_> = headers
            .iter()
            .map(|(header, kind)| {
                let column = Column {
                    name: header.to_lowercase(),
                    kind: *kind,
                    ..Column::distance()
                };
                (*header, column)
            })
            .collect();
        let columns: Vec<_> = columns
            .iter()
            .map(|(header, column)| (*header, column))
            .collect();
        proposed(&columns).map(|time| (time.start, time.end))
    }

    #[test]
    fn times_are_known_by_their_names() {
        use ColumnType as T;
        for (start, end) in [
            ("start_date", "end_date"),
            ("START_DATE", "END_DATE"),
            ("startDate", "endDate"),
            ("StartTime", "FinishTime"),
            ("startdate", "enddate"),
            ("begin", "end"),
            ("valid_from", "valid_to"),
            ("valid from", "valid until"),
            ("opened", "closed"),
            ("core.start_date", "core.end_date"),
            ("开始日期", "结束日期"),
            ("开工日期", "竣工日期"),
            ("计划开工时间", "计划完工时间"),
            ("起始时间", "终止时间"),
            ("生效日期", "失效日期"),
        ] {
            let expected = Some((start.to_lowercase(), Some(end.to_lowercase())));
            let both = [
                ("name", T::String),
                (end, T::Date),
                (start, T::Date),
                ("updated", T::Date),
            ];
            assert_eq!(found(&both), expected, "{start} {end}");
            let unlike = [(start, T::Date), (end, T::Timestamp)];
            assert_eq!(found(&unlike), None, "{start} {end}");
            let texts = [(start, T::String), (end, T::String)];
            assert_eq!(found(&texts), None, "{start} {end}");
        }
        assert_eq!(found(&[("日期", T::Date)]), Some(("日期".to_owned(), None)));
        assert_eq!(found(&[("date", T::Date), ("updated", T::Date)]), None);
        assert_eq!(found(&[("updated", T::Date)]), None);
        assert_eq!(found(&[("restart_id", T::Date), ("end_id", T::Date)]), None);
    }
}
