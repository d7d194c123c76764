//! What the simulation is asked to do: nothing, as any test; one of its claims by name; or so many seeds.

use mobile_sync_wire::mutants::Mutant;

#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only claims whose names contain this.
    pub filter: Option<String>,
    /// Only the claim of exactly that name.
    pub exact: bool,
    /// Only name the claims.
    pub list: bool,
    /// Play so many seeds, and nothing else.
    pub seeds: Option<u64>,
    pub from: u64,
    /// Kill real servers in so many rounds, on each database, and nothing else.
    pub crash: Option<u64>,
    pub mutant: Option<Mutant>,
    /// This process is one of several: which, of how many.
    pub worker: Option<(u64, u64)>,
    /// End with the first seed that fails.
    pub until_caught: bool,
    /// Tell what happens, for whoever looks for a fault.
    pub tell: bool,
    /// Tests that are switched off are asked for; there are none.
    pub ignored: bool,
}

impl Options {
    pub fn from_command_line() -> Result<Self, String> {
        Self::parse(std::env::args().skip(1))
    }

    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { from: 1, ..Self::default() };
        while let Some(word) = words.next() {
            let mut number = |name: &str| {
                let text = words.next().ok_or(format!("{name} needs a number"))?;
                text.parse::<u64>().map_err(|_| format!("{name}: {text} is no number"))
            };
            match word.as_str() {
                "--seeds" => options.seeds = Some(number("--seeds")?),
                "--crash" => options.crash = Some(number("--crash")?),
                "--from" => options.from = number("--from")?,
                "--worker" => options.worker = Some((number("--worker")?, number("--worker")?)),
                "--mutant" => {
                    let name = words.next().unwrap_or_default();
                    let names = || Mutant::ALL.map(Mutant::name).join(" ");
                    let mutant =
                        Mutant::parse(&name).ok_or_else(|| format!("{name:?} is none of {}", names()))?;
                    options.mutant = Some(mutant);
                }
                "--until-caught" => options.until_caught = true,
                "--tell" => options.tell = true,
                "--list" => options.list = true,
                "--exact" => options.exact = true,
                "--ignored" => options.ignored = true,
                // What cargo tells every test, and what does not matter here.
                "--test-threads" | "--format" | "--color" | "--skip" => drop(words.next()),
                word if word.starts_with('-') => {}
                word => options.filter = Some(word.to_owned()),
            }
        }
        Ok(options)
    }
}
