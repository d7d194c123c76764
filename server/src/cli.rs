//! The commands of `fettle`.

mod conform;
mod copies;
mod plan;
mod record;
mod sla;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Parser, Subcommand};
use db::{Actor, Clock, Conn, Db, Options, Tx, Url};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::app::{self, App, AppOptions};
use crate::auth::users::{self, NewUser};
use crate::auth::{Role, password};
use crate::config::Config;
use crate::demo::{self, Demo};
use crate::error::Error;
use crate::import;
use crate::sync::wake;

/// Field-service dispatch: who repairs what, with which parts, by when.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    /// Settings; see config.example.toml. The environment (FETTLE_…) goes before the file, flags before both.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database: a file, or postgres://user:password@host/database.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until Ctrl-C or SIGTERM.
    Serve {
        /// Port to listen on; 0 takes a free one.
        #[arg(long)]
        port: Option<u16>,
        /// Address to listen on.
        #[arg(long)]
        listen: Option<String>,
    },
    /// Bring the database to the present schema, and stop.
    Migrate,
    /// People who administer this server.
    #[command(subcommand)]
    Admin(Admin),
    /// Import a CSV file, and print what is wrong with its rows. Ends with 1 if anything is.
    Import {
        /// What the file is about: assets, engineers or parts.
        kind: import::Kind,
        /// The file.
        file: PathBuf,
        /// Import the good rows of a file with bad ones; without it, all rows are imported or none.
        #[arg(long)]
        rows: bool,
        /// Only look.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the OpenAPI description.
    Openapi,
    /// Recompute balances, the places of pieces, work in hand and the record, and report differences. Ends with 1 if
    /// there are any. `verify record BUNDLE` judges one ticket's record without a database.
    Verify {
        /// Only these books; all of them if absent.
        books: Option<Books>,
        #[command(flatten)]
        judged: record::Judged,
    },
    /// The key that the record is signed with.
    #[command(subcommand)]
    Record(record::Record),
    /// Plan a day from a file: who goes where in which order. Needs no database.
    Plan(plan::PlanArgs),
    /// Write all that this server has, photos included, to one file. Servers may run.
    Backup {
        /// The file, which must not be there yet; or a folder, in which it is named by its moment.
        to: PathBuf,
    },
    /// Fill the database and the object store from a backup, and begin a new epoch. No server may run.
    Restore {
        /// The backup.
        from: PathBuf,
        /// Replace what is there. A SQLite file is kept under another name.
        #[arg(long)]
        force: bool,
    },
    /// Print the public key by which push services know this server; it is made if there is none.
    PushKeys {
        /// Make another one. Every phone then has to subscribe again.
        #[arg(long)]
        new: bool,
    },
    /// When tickets are due, and why. Needs no database.
    #[command(subcommand)]
    Sla(sla::Sla),
    /// The epoch of the phones' protocol.
    #[command(subcommand)]
    Epoch(Epoch),
    /// Ask any server whether it keeps the phones' protocol, and print a table. Writes into a ticket of the engineer:
    /// for servers on trial. Ends with 1 if a rule failed.
    Conform(conform::ConformArgs),
    /// Load a day of lift repairs in Midtown Manhattan, serve it on this machine, and play it.
    Demo(demo::Options),
}

/// What can be verified by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Books {
    /// Balances against movements and reservations, pieces and lots against both, and what follows from them.
    Stock,
    /// Engineers' work in hand against open tickets.
    Work,
    /// The change log against its seals and signed heads, or one ticket's record against what it proves itself by.
    Record,
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Add an administrator: the first log-in of a new server. The password is read from standard input.
    Create {
        /// What he types to log in.
        login: String,
        /// What others read.
        #[arg(long)]
        name: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum Epoch {
    /// Begin a new one, while no server runs, after the database was restored from a backup: phones then pull all
    /// anew, and give again what the backup did not have.
    New,
}

/// Runs the command line.
///
/// # Errors
/// Whatever went wrong, in words for the terminal.
pub fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let mut config = Config::load(cli.config.as_deref())?;
    if let Some(url) = cli.database_url {
        // The demo forgets its database when it is told to, so it never gets another than its own.
        let demo = matches!(cli.command, Command::Demo(_));
        anyhow::ensure!(!demo, "the demo has a database of its own, in the folder of --data");
        config.database_url = url;
    }
    if let Command::Serve { port, listen } = &cli.command {
        config.port = port.unwrap_or(config.port);
        config.listen = listen.clone().unwrap_or(config.listen);
    }
    start_log(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve { .. } => serve(config).await,
            Command::Migrate => open(&config).map(|_| println!("The database is up to date.")),
            Command::Admin(Admin::Create { login, name }) => create_admin(&config, login, name).await,
            Command::Import { kind, file, rows, dry_run } => {
                let mode = if rows { import::Mode::Rows } else { import::Mode::All };
                import_file(&config, kind, &file, import::Options { mode, dry_run }).await
            }
            Command::Plan(args) => plan::run(&args),
            Command::Sla(command) => sla::run(&command),
            Command::Openapi => {
                println!("{}", app::description().to_pretty_json()?);
                Ok(())
            }
            Command::Verify { books, judged } => verify(&config, books, &judged).await,
            Command::Record(command) => record::run(&command, &config, &open(&config)?).await,
            Command::Backup { to } => copies::backup(&config, &to).await,
            Command::Restore { from, force } => copies::restore(&config, &from, force).await,
            Command::PushKeys { new } => {
                let make =
                    move |tx: &mut Tx<'_>| if new { wake::renew_keys(tx) } else { wake::make_keys(tx) };
                let kept = open(&config)?.write(Actor::system("command line"), make).await?;
                println!("{}", wake::seal::Sender::read(&kept)?.public_key());
                Ok(())
            }
            Command::Epoch(Epoch::New) => {
                let begin = |tx: &mut Tx<'_>| Ok::<_, Error>(mobile_sync::epochs::begin(tx)?);
                let epoch = open(&config)?.write(Actor::system("command line"), begin).await?;
                println!("The epoch is {epoch} now.");
                Ok(())
            }
            Command::Conform(args) => conform::run(args).await,
            Command::Demo(options) => play_demo(options, config).await,
        }
    })
}

fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log).context("log")?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log_json {
        log.json().finish().with(demo::report::CountProblems).init();
    } else {
        log.finish().with(demo::report::CountProblems).init();
    }
    Ok(())
}

fn open(config: &Config) -> anyhow::Result<Db> {
    if let Some(folder) = config.sqlite_file().as_deref().and_then(|f| f.parent())
        && !folder.as_os_str().is_empty()
    {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    // With the feed: what a command writes, phones have to hear of too.
    let hook = Some(mobile_sync::feed::scopes as db::FeedHook);
    Ok(Db::open(Options { hook, ..Options::new(Url::parse(&config.database_url)) })?)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    // Everybody knows the demo's passwords, so its database is never served to others.
    if open(&config)?.read(demo::keeper::times).await?.is_some() {
        anyhow::bail!("{} is the demo's database: start it with `fettle demo`", config.database_url);
    }
    let address = format!("{}:{}", config.listen, config.port);
    let listener = std::net::TcpListener::bind(&address).with_context(|| address.clone())?;
    println!("Fettle listens on http://{}", listener.local_addr()?);
    let app = App::open(config, Clock::system(), AppOptions::default()).await?;
    app::serve(app, listener).await?;
    Ok(())
}

async fn create_admin(config: &Config, login: String, name: Option<String>) -> anyhow::Result<()> {
    eprintln!("Password for {login} (10 characters at least):");
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let new = NewUser {
        display_name: name.unwrap_or_else(|| login.clone()),
        login,
        role: Role::Admin,
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
        engineer_id: None,
        locale: None,
        email: None,
    };
    new.check()?;
    let hash = password::hash(new.password.clone()).await?;
    let create = move |tx: &mut Tx<'_>| users::create(tx, &new, &hash);
    let user = open(config)?.write(Actor::system("command line"), create).await?;
    println!("{} may log in now.", user.login);
    Ok(())
}

async fn import_file(
    config: &Config,
    kind: import::Kind,
    file: &Path,
    options: import::Options,
) -> anyhow::Result<()> {
    let length = std::fs::metadata(file).with_context(|| file.display().to_string())?.len();
    anyhow::ensure!(length <= import::MOST_BYTES as u64, "{} is longer than 16 MiB", file.display());
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let actor = Actor::system("command line");
    let report = import::run(&open(config)?, actor, config.service_area, kind, bytes, options).await?;
    for import::Fault { row, column, message, .. } in &report.faults {
        println!("row {row}, {}: {message}", column.as_deref().unwrap_or("the row"));
    }
    let unlisted = report.fault_count - report.faults.len();
    if unlisted > 0 {
        println!("and {unlisted} faults more");
    }
    println!("{} rows, {} imported", report.rows, report.imported);
    anyhow::ensure!(report.fault_count == 0, "{} faults", report.fault_count);
    Ok(())
}

async fn verify(config: &Config, books: Option<Books>, judged: &record::Judged) -> anyhow::Result<()> {
    if let Some(bundle) = &judged.bundle {
        anyhow::ensure!(
            books == Some(Books::Record),
            "a bundle is one ticket's record: verify record BUNDLE"
        );
        return record::judge_bundle(bundle, judged);
    }
    // Opening would make it, and of an empty database all is well.
    if let Some(file) = config.sqlite_file() {
        anyhow::ensure!(file.exists(), "there is no database {}", file.display());
    }
    let wanted = move |one: Books| books.is_none_or(|books| books == one);
    let read = move |conn: &mut Conn| {
        let stock = if wanted(Books::Stock) { inventory::verify(conn)? } else { Vec::new() };
        let work = if wanted(Books::Work) { crate::schedule::load::verify(conn)? } else { Vec::new() };
        Ok::<_, Error>((stock, work))
    };
    let db = open(config)?;
    let (stock, work) = db.read(read).await?;
    for difference in &stock {
        println!("stock: {difference}");
    }
    for (engineer, kept, sum) in &work {
        println!("work in hand of {engineer}: kept {kept:?}, open tickets sum to {sum:?}");
    }
    let mut differences = stock.len() + work.len();
    if wanted(Books::Record) {
        differences += record::judge_database(&db, judged).await?;
    }
    anyhow::ensure!(differences == 0, "{differences} differences");
    if wanted(Books::Stock) {
        println!("Balances are the sum of their movements, every piece is where it last went.");
    }
    if wanted(Books::Work) {
        println!("Work in hand is the sum of open tickets.");
    }
    Ok(())
}

async fn play_demo(options: demo::Options, config: Config) -> anyhow::Result<()> {
    let mut running = Demo::start(&options, config).await?;
    // Programs that started us wait for this line.
    println!("Fettle listens on {}", running.base);
    for login in &running.app.demo_logins {
        println!("  {:<11} log-in {:<11} password {}", login.role.to_string(), login.login, login.password);
    }
    running.run(options.for_hours).await;
    let (app, world, began_at) = (running.app.clone(), running.world.clone(), running.began_at);
    let span = demo::report::Span::at(began_at, world.now(), options.pace());
    running.stop().await?;
    if options.for_hours.is_some() {
        let report = app.db.read(move |conn| demo::report::check(conn, &world, span)).await?.with_log();
        println!("{report}");
        if report.broken() > 0 {
            return Err(demo::error::DemoError::Claims(report.broken()).into());
        }
    }
    Ok(())
}
