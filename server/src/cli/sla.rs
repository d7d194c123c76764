//! `fettle sla preview`: last year's tickets under a policy that is not saved yet. Needs no database.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ::sla::preview::{Line, Preview, TargetLine, preview};
use ::sla::{Calendar, CalendarSpec, Language, Table, defaults};
use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde::de::DeserializeOwned;

/// Largest file that is read.
const LARGEST: u64 = 256 << 20;

/// What can be asked about due times.
#[derive(Debug, Subcommand)]
pub enum Sla {
    /// Due times of tickets in a CSV file, with their derivations (docs/sla.md).
    Preview(PreviewArgs),
}

/// Which tickets, under what.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// A table of policies: a JSON file, or the name of one that comes with Fettle, like four-levels.
    #[arg(long, value_name = "P.json")]
    policy: PathBuf,
    /// Working time at the site: a JSON file, or the name of one that comes with Fettle, like china.
    #[arg(long, value_name = "C.json")]
    calendar: PathBuf,
    /// One ticket a line, columns by name: id, type, priority, opened, pauses and others (docs/sla.md).
    events: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Of the derivations.
    #[arg(long, value_enum, default_value_t = Spoken::En)]
    language: Spoken,
    /// Where to write; to standard output if absent.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line a ticket: id, policy, both due times, derivation.
    Csv,
    /// Everything, the steps of the derivations too.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Spoken {
    En,
    Zh,
}

/// Runs one of them.
///
/// # Errors
/// Files that cannot be read, a policy or calendar with faults, tickets with faults (after printing the others).
pub fn run(command: &Sla) -> anyhow::Result<()> {
    let Sla::Preview(args) = command;
    let table: Table = read(&args.policy, &defaults::TABLES)?;
    table.check().with_context(|| args.policy.display().to_string())?;
    let spec: CalendarSpec = read(&args.calendar, &defaults::CALENDARS)?;
    let calendar = Calendar::compile(&spec).with_context(|| args.calendar.display().to_string())?;
    let language = match args.language {
        Spoken::En => Language::English,
        Spoken::Zh => Language::Chinese,
    };
    let events = || args.events.display().to_string();
    let preview = preview(&table, &calendar, &bytes(&args.events)?, language).with_context(events)?;
    let text = match args.format {
        Format::Csv => as_csv(&preview.lines, language)?,
        Format::Json => serde_json::to_vec_pretty(&preview.lines)?,
    };
    match &args.output {
        Some(path) => fs::write(path, text).with_context(|| path.display().to_string())?,
        None => io::stdout().write_all(&text)?,
    }
    judged(&preview).with_context(events)
}

/// Names the faults, and ends with 1 if there are any.
fn judged(preview: &Preview) -> anyhow::Result<()> {
    for fault in &preview.faults {
        eprintln!("row {}, {}: {}", fault.row, fault.column, fault.message);
    }
    let unlisted = preview.fault_count - preview.faults.len();
    if unlisted > 0 {
        eprintln!("and {unlisted} faults more");
    }
    match preview.faults.first() {
        None => Ok(()),
        Some(first) => {
            bail!(
                "{} faults, first: row {}, {}: {}",
                preview.fault_count,
                first.row,
                first.column,
                first.message
            )
        }
    }
}

fn as_csv(lines: &[Line], language: Language) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "policy", "response_due", "resolution_due", "derivation"])?;
    for line in lines {
        let due = |target: &Option<TargetLine>| {
            target.as_ref().and_then(|target| target.due.clone()).unwrap_or_default()
        };
        let policy = line.policy.clone().unwrap_or_default();
        let (response, resolution) = (due(&line.response), due(&line.resolution));
        writer.write_record([&line.id, &policy, &response, &resolution, &line.derivation(language)])?;
    }
    Ok(writer.into_inner()?)
}

/// From a file, or one of those that come with Fettle if there is no such file.
fn read<T: DeserializeOwned>(path: &Path, shipped: &[defaults::Shipped]) -> anyhow::Result<T> {
    let known = shipped.iter().find(|(name, _)| !path.exists() && path.as_os_str() == *name);
    let text = match known {
        Some((_, text)) => text.as_bytes().to_vec(),
        None => bytes(path)?,
    };
    let mut json = serde_json::Deserializer::from_slice(&text);
    serde_path_to_error::deserialize(&mut json).with_context(|| path.display().to_string())
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let size = fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if size > LARGEST {
        bail!("{} is larger than 256 MiB", path.display());
    }
    fs::read(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Words {
        #[command(subcommand)]
        command: Sla,
    }

    const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/sla");

    /// Runs the command on the examples of the documentation, but for what is given; what it wrote.
    fn previewed(name: &str, tickets: Option<&str>, flags: &[&str]) -> (String, anyhow::Result<()>) {
        let folder = std::env::temp_dir().join(format!("fettle-sla-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let output = folder.join("due.txt");
        let mut events = Path::new(EXAMPLES).join("tickets.csv");
        if let Some(tickets) = tickets {
            events = folder.join("tickets.csv");
            fs::write(&events, tickets).expect("a file");
        }
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let (events, output_path) = (path(&events), path(&output));
        let line =
            ["sla", "preview", &events, "--output", &output_path].into_iter().chain(flags.iter().copied());
        let result = Words::try_parse_from(line).map_err(Into::into).and_then(|words| run(&words.command));
        let text = fs::read_to_string(&output).unwrap_or_default();
        fs::remove_dir_all(&folder).expect("the folder");
        (text, result)
    }

    #[test]
    fn the_examples_give_what_the_documentation_shows() {
        let [policy, calendar, due] =
            ["policy.json", "calendar.json", "due.csv"].map(|name| format!("{EXAMPLES}/{name}"));
        let (text, result) = previewed("examples", None, &["--policy", &policy, "--calendar", &calendar]);
        result.expect("no faults");
        assert_eq!(text, fs::read_to_string(due).expect("the example"));
    }

    #[test]
    fn what_comes_with_fettle_is_found_by_its_name_and_json_has_the_steps() {
        let flags =
            ["--policy", "four-levels", "--calendar", "china", "--format", "json", "--language", "zh"];
        let (text, result) = previewed("json", None, &flags);
        result.expect("no faults");
        let lines: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(lines[0]["resolution"]["steps"][0]["step"], "opened");
        assert!(lines[0]["resolution"]["derivation"].as_str().expect("a text").contains("到期"), "{text}");
    }

    #[test]
    fn faults_are_told_after_the_other_tickets_were_written() {
        let tickets = "id,priority,opened\nA-1,1,2026-03-06T17:40:00+08:00\nA-2,1,soon\n";
        let (text, result) =
            previewed("fault", Some(tickets), &["--policy", "four-levels", "--calendar", "china"]);
        let error = format!("{:#}", result.expect_err("a fault"));
        assert!(
            error.contains("1 faults, first: row 3, opened: \"soon\" is not a time with its zone"),
            "{error}"
        );
        assert!(
            text.lines().nth(1).expect("a ticket").starts_with("A-1,Urgent,2026-03-06T17:55:00+08:00,"),
            "{text}"
        );
    }

    #[test]
    fn a_file_that_is_not_there_and_a_policy_that_is_none_are_named() {
        let error = |flags: &[&str]| format!("{:#}", previewed("bad", None, flags).1.expect_err("a fault"));
        assert!(error(&["--policy", "no-such.json", "--calendar", "china"]).contains("no-such.json"));
        let china = Path::new(EXAMPLES).join("../../sla/data/calendars/china.json");
        let error = error(&["--policy", &china.to_string_lossy(), "--calendar", "china"]);
        assert!(error.contains("china.json") && error.contains("source"), "{error}");
    }
}
