//! Valhalla's `/sources_to_targets`. By default it moves a point up to 35 km to the nearest road and answers for that
//! place without a word, so every point is sent with the farthest that it may be moved. Then one point off the map
//! has the whole table refused; `/locate` says which.

use dispatch::Point;
use reqwest::{Client, StatusCode, Url};
use serde::{Deserialize, Serialize};

use super::engine::{Failure, Limits, SNAP_M, address, whole_seconds};
use super::fetch::Table;

/// It refuses more pairs than that unless it is told otherwise.
pub const LIMITS: Limits = Limits { pairs: 2_500, points: usize::MAX };

#[derive(Serialize)]
struct Place {
    lat: f64,
    lon: f64,
    search_cutoff: f64,
}

#[derive(Serialize)]
struct Question {
    sources: Vec<Place>,
    targets: Vec<Place>,
    costing: &'static str,
    verbose: bool,
}

#[derive(Serialize)]
struct Whereabouts {
    locations: Vec<Place>,
    costing: &'static str,
    verbose: bool,
}

#[derive(Deserialize)]
struct Answer {
    sources_to_targets: Durations,
}

#[derive(Deserialize)]
struct Durations {
    durations: Vec<Vec<Option<f64>>>,
}

#[derive(Deserialize)]
struct Refusal {
    error_code: i64,
    error: String,
}

#[derive(Deserialize)]
struct Located {
    // Null where there is nothing.
    edges: Option<Vec<serde::de::IgnoredAny>>,
    nodes: Option<Vec<serde::de::IgnoredAny>>,
}

fn places(points: &[Point]) -> Vec<Place> {
    let degrees = |value: f64| (value * 1e6).round() / 1e6;
    let place = |point: &Point| Place {
        lat: degrees(point.latitude),
        lon: degrees(point.longitude),
        search_cutoff: SNAP_M,
    };
    points.iter().map(place).collect()
}

async fn ask<T: for<'de> Deserialize<'de>>(
    client: &Client,
    url: Url,
    question: &(impl Serialize + Sync),
) -> Result<T, Failure> {
    let response = client.post(url).json(question).send().await?;
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await?);
    }
    if status != StatusCode::BAD_REQUEST {
        return Err(Failure::Unavailable(format!("HTTP {status}")));
    }
    let refusal: Refusal = response.json().await?;
    Err(Failure::Refused(format!("{}: {}", refusal.error_code, refusal.error)))
}

/// Seconds from each source to each target.
pub async fn table(
    client: &Client,
    base: &Url,
    sources: &[Point],
    targets: &[Point],
) -> Result<Table, Failure> {
    let question =
        Question { sources: places(sources), targets: places(targets), costing: "auto", verbose: false };
    let answer: Answer = ask(client, address(base, "sources_to_targets")?, &question).await?;
    let seconds = |row: Vec<Option<f64>>| row.into_iter().map(whole_seconds).collect();
    Ok(answer.sources_to_targets.durations.into_iter().map(seconds).collect())
}

/// Which points have a road near enough.
pub async fn locate(client: &Client, base: &Url, points: &[Point]) -> Result<Vec<bool>, Failure> {
    let question = Whereabouts { locations: places(points), costing: "auto", verbose: false };
    let answer: Vec<Located> = ask(client, address(base, "locate")?, &question).await?;
    if answer.len() != points.len() {
        return Err(Failure::Unavailable("not every point was located".to_owned()));
    }
    let any = |found: &Option<Vec<_>>| found.as_ref().is_some_and(|found| !found.is_empty());
    Ok(answer.iter().map(|point| any(&point.edges) || any(&point.nodes)).collect())
}
