//! The report as a page for a browser: one file that loads nothing, with every case, clause, script and exchange in it.
//!
//! - [`page`]: the page of one run, or of several side by side
//! - `heading`: the outcome in a sentence, and each run in a row
//! - `index`: what the table of commands and the list of cases are made of
//! - `exchange`: what was said in each case
//! - `pack`: data as a page can hold it
//!
//! `page.html` is the frame, and all that can be read without scripts. What is large is packed and unpacked in the
//! browser when it is asked for: the files in `script/` draw it, `style/` says how it looks.

mod exchange;
mod heading;
mod index;
mod pack;

use askama::Template;

use crate::dialect::Dialect;
use crate::run::RunReport;
use crate::suite::Suite;
use heading::Row;

/// The looks, in their order.
const STYLE: &str = concat!(
    include_str!("style/base.css"),
    include_str!("style/overview.css"),
    include_str!("style/case.css"),
    include_str!("style/print.css"),
);

/// The behaviour: modules that share one scope, in their order.
const SCRIPT: &str = concat!(
    include_str!("script/data.js"),
    include_str!("script/dom.js"),
    include_str!("script/place.js"),
    include_str!("script/heat.js"),
    include_str!("script/list.js"),
    include_str!("script/sequence.js"),
    include_str!("script/case.js"),
    include_str!("script/lists.js"),
    include_str!("script/main.js"),
);

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// There is nothing to show.
    #[error("a page shows at least one report")]
    Empty,
    /// The data cannot be written as JSON.
    #[error("the page's data cannot be written: {0}")]
    Data(#[from] serde_json::Error),
    /// The data cannot be packed.
    #[error("the page's data cannot be packed: {0}")]
    Pack(#[from] std::io::Error),
    /// The frame cannot be filled.
    #[error("the page cannot be written: {0}")]
    Frame(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    title: &'a str,
    heading: &'a str,
    protocol: String,
    made_by: String,
    rows: &'a [Row],
    style: &'static str,
    script: &'static str,
    index: String,
    sources: String,
    exchanges: Vec<String>,
}

/// The page of one run, or of several side by side.
///
/// The suite gives the scripts, the dialect the clauses and the commands. Cases that the suite does not hold, and
/// clauses that the dialect does not know, are shown as far as the reports tell of them: a report may be older than
/// this program.
///
/// # Errors
/// No report at all; and if memory does not suffice for the page, none that a report can cause: its values are texts
/// and numbers.
pub fn page(
    reports: &[RunReport],
    suite: &Suite,
    dialect: &'static dyn Dialect,
) -> Result<String, PageError> {
    if reports.is_empty() {
        return Err(PageError::Empty);
    }
    let labels = heading::labels(reports);
    let rows: Vec<Row> = reports
        .iter()
        .zip(&labels)
        .map(|(report, label)| Row::new(report, label))
        .collect();
    let heading = heading::sentence(reports, &rows);
    let index = index::Index::new(reports, &labels, suite, dialect);
    let exchanges = reports
        .iter()
        .map(|report| pack::packed(&exchange::Exchanges::of(report, dialect)))
        .collect::<Result<Vec<String>, PageError>>()?;
    let about = &dialect.protocol().about;
    let page = Page {
        title: &heading::title(&labels),
        heading: &heading,
        protocol: format!("{} {}", about.name, about.version),
        made_by: format!("mqspec {}", env!("CARGO_PKG_VERSION")),
        rows: &rows,
        style: STYLE,
        script: SCRIPT,
        index: pack::packed(&index)?,
        sources: pack::packed(&index.sources(suite))?,
        exchanges,
    };
    let mut text = page.render()?;
    text.push('\n');
    Ok(text)
}
