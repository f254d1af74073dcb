//! `mqspec targets`

use mqspec::report::layout::{counted, wrapped};
use mqspec::target::{self, Known, Via};

use super::failure::Failure;
use super::output::Output;

pub fn run(output: &mut Output) -> Result<u8, Failure> {
    let paint = output.paint();
    for Known {
        name,
        about,
        ways,
        deviations,
        versions,
    } in target::known()?
    {
        let ways: Vec<&str> = ways.into_iter().map(Via::name).collect();
        let mut known = counted(deviations, "known deviation");
        if !versions.is_empty() {
            known = format!("{known} of {}", versions.join(", "));
        }
        output.line(format!(
            "{}  via {}, {known}",
            paint.bold(name),
            ways.join(" or ")
        ));
        for line in wrapped(&about, "    ", "    ") {
            output.line(line);
        }
    }
    Ok(0)
}
