//! `fettle conform`: the words of the command line, and the table.

use anyhow::Context;
use clap::Args;

use crate::conform::{self, Target, Verdict, Vouch};

/// Whom to ask, and as whom.
#[derive(Debug, Args)]
pub struct ConformArgs {
    /// The server: http://host or https://host:port.
    address: String,
    /// A code from the office that enrols one phone. Give two for the rules about two phones, three for all.
    #[arg(long, required_unless_present_any = ["token", "login"])]
    code: Vec<String>,
    /// The engineer's own session as a bearer token, instead of codes.
    #[arg(long, conflicts_with = "code")]
    token: Option<String>,
    /// The engineer's log-in at a Fettle server, instead of codes; the password is read from standard input.
    #[arg(long, conflicts_with_all = ["code", "token"])]
    login: Option<String>,
    /// A dispatcher's token at a Fettle server: for the rules about tickets that change hands.
    #[arg(long)]
    office_token: Option<String>,
}

/// Asks, and prints the table.
///
/// # Errors
/// When a rule failed, or nobody could log in.
pub async fn run(args: ConformArgs) -> anyhow::Result<()> {
    let base = args.address.trim_end_matches('/').to_owned();
    let vouch = match (args.token, args.login) {
        (Some(token), _) => Vouch::Token(token),
        (None, Some(login)) => Vouch::Cookie(cookie(&base, &login).await?),
        (None, None) => Vouch::Codes(args.code),
    };
    let report = conform::run(Target { base, vouch, office: args.office_token }).await;
    println!("{report}");
    let failed = report.count(Verdict::Failed);
    anyhow::ensure!(failed == 0, "{failed} rules failed");
    Ok(())
}

async fn cookie(base: &str, login: &str) -> anyhow::Result<String> {
    eprintln!("Password for {login}:");
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let body = serde_json::json!({"login": login, "password": password.trim_end_matches(['\r', '\n'])});
    let answer = reqwest::Client::new().post(format!("{base}/api/v1/session")).json(&body).send().await?;
    let answer = answer.error_for_status().context("logging in")?;
    let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok());
    let pair = cookie.and_then(|cookie| cookie.split(';').next()).context("the server gave no cookie")?;
    Ok(pair.to_owned())
}
