//! `fettle plan`: a day planned from a file, without a database. The clock that dispatch has not is here.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use dispatch::optimize::{self, Options, Progress};
use dispatch::plan::{Plan, Problem};
use dispatch::verify::{Verdict, verify};
use serde::de::DeserializeOwned;

/// Largest file that is read: a matrix of 10,000 places.
const LARGEST: u64 = 1 << 30;
/// Between two words about how far the search is.
const REPORT: Duration = Duration::from_secs(5);

/// What to plan, and for how long.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The day: engineers, tickets and travel times (docs/dispatch.md).
    problem: PathBuf,
    /// Seconds to search.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Steps to search, if the seconds suffice: with the same seed the plan is then the same on every machine.
    #[arg(long)]
    iterations: Option<u64>,
    /// Where chance begins.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads to search with.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=1))]
    threads: u8,
    /// The plan in force, to begin with.
    #[arg(long)]
    start: Option<PathBuf>,
    /// Search nothing: say what this plan is worth, and what is wrong with it.
    #[arg(long, conflicts_with = "output")]
    judge: Option<PathBuf>,
    /// Where to write the plan; to standard output if absent.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// Plans, or judges a plan.
///
/// # Errors
/// A file that cannot be read, a problem that cannot be planned, a plan that breaks its rules.
pub fn run(args: &PlanArgs) -> anyhow::Result<()> {
    let problem: Problem = read(&args.problem)?;
    if let Some(path) = &args.judge {
        problem.check().with_context(|| args.problem.display().to_string())?;
        let verdict = verify(&problem, &read(path)?);
        println!("{}", serde_json::to_string(&verdict)?);
        return allowed(&verdict);
    }
    if !(args.seconds >= 0.0 && args.seconds <= 1e9) {
        bail!("--seconds must be 0 to 1,000,000,000");
    }
    let start = args.start.as_deref().map(read::<Plan>).transpose()?;
    let plan = search(&problem, args, start)?;
    let verdict = verify(&problem, &plan);
    eprintln!("{}", serde_json::to_string(&verdict)?);
    // Never seen; but a plan that breaks a rule must not leave this place.
    allowed(&verdict)?;
    let text = serde_json::to_string(&plan)?;
    match &args.output {
        Some(path) => fs::write(path, text).with_context(|| path.display().to_string()),
        None => {
            println!("{text}");
            Ok(())
        }
    }
}

fn search(problem: &Problem, args: &PlanArgs, start: Option<Plan>) -> anyhow::Result<Plan> {
    let options = Options { seed: args.seed, start, ..Options::default() };
    let (began, mut reported) = (Instant::now(), Duration::ZERO);
    let mut done = |progress: &Progress| {
        let elapsed = began.elapsed();
        if elapsed >= reported + REPORT {
            reported = elapsed;
            eprintln!("{:>5} s, {} steps, cost {}", elapsed.as_secs(), progress.iterations, progress.cost);
        }
        let time = elapsed.as_secs_f64() / args.seconds.max(f64::MIN_POSITIVE);
        match args.iterations {
            // The clock stops such a search, but it must not steer it.
            Some(most) if time < 1.0 => progress.iterations as f64 / most.max(1) as f64,
            _ => time,
        }
    };
    optimize::optimize(problem, &options, &mut done).with_context(|| args.problem.display().to_string())
}

fn allowed(verdict: &Verdict) -> anyhow::Result<()> {
    match verdict.faults.first() {
        None => Ok(()),
        Some(first) => bail!("the plan breaks {} rules, first: {first}", verdict.faults.len()),
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let size = fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if size > LARGEST {
        bail!("{} is larger than 1 GiB", path.display());
    }
    let text = fs::read(path).with_context(|| path.display().to_string())?;
    let mut json = serde_json::Deserializer::from_slice(&text);
    serde_path_to_error::deserialize(&mut json).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: PlanArgs,
    }

    const PROBLEM: &str = r#"{
        "travel": {"model": "matrix", "seconds": [[0, 50, 100], [70, 0, 200], [100, 200, 0]]},
        "engineers": [{"id": 0, "skills": [], "shift_start_s": 0, "shift_end_s": 9000}],
        "tickets": [
            {"id": 10, "skills": [], "duration_s": 10, "earliest_s": 0, "due_s": 100, "priority": 4},
            {"id": 11, "skills": [], "duration_s": 10, "earliest_s": 0, "due_s": 160, "priority": 4}
        ]
    }"#;

    /// Runs the command on this problem; what it wrote.
    fn planned(name: &str, problem: &str, flags: &[&str]) -> anyhow::Result<String> {
        let folder = std::env::temp_dir().join(format!("fettle-plan-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let (input, output) = (folder.join("problem.json"), folder.join("plan.json"));
        fs::write(&input, problem)?;
        let [input, output] = [&input, &output].map(|path| path.to_string_lossy().into_owned());
        let line = ["plan", &input, "--output", &output].into_iter().chain(flags.iter().copied());
        let result = run(&Line::try_parse_from(line)?.args).and_then(|()| Ok(fs::read_to_string(&output)?));
        fs::remove_dir_all(&folder)?;
        result
    }

    #[test]
    fn a_file_is_planned() {
        let plan = planned("file", PROBLEM, &["--iterations", "500"]).expect("a plan");
        assert_eq!(plan, r#"{"routes":[{"engineer":0,"stops":[10,11]}],"unassigned":[],"cost":350}"#);
    }

    #[test]
    fn faults_are_named_by_their_place() {
        let cases = [
            (r#""priority": 4}"#, r#""priority": 9}"#, "tickets[0].priority: must be 1 to 4"),
            (r#""id": 11"#, r#""id": 10"#, "tickets[1].id: is there twice"),
            (r#""shift_end_s": 9000"#, r#""shift_end_s": -1"#, "engineers[0].shift_end_s"),
            ("[100, 200, 0]", "[100, 200]", "travel.seconds"),
            (r#""due_s": 100"#, r#""due": 100"#, "tickets[0].due"),
            (r#""duration_s": 10"#, r#""duration_s": "long""#, "tickets[0].duration_s"),
        ];
        for (from, to, fault) in cases {
            let error =
                planned("fault", &PROBLEM.replacen(from, to, 1), &["--seconds", "0"]).expect_err(fault);
            assert!(format!("{error:#}").contains(fault), "{error:#} instead of {fault}");
        }
    }

    #[test]
    fn no_time_gives_a_first_plan() {
        assert!(planned("none", PROBLEM, &["--seconds", "0"]).expect("a plan").contains("unassigned"));
    }
}
