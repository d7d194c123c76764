//! Road engines to test against. [`Recorded`] says again what a real engine has said: it was recorded by running the
//! same tests with `FETTLE_TEST_OSRM_URL` or `FETTLE_TEST_VALHALLA_URL` set to an engine of the Midtown extract; then
//! they run against that, and the file is written anew. [`Fake`] is an OSRM whose town and moods the test chooses.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use dispatch::travel::distance_m;
use dispatch::{Point, StraightLine};
use serde_json::{Value, json};

/// Request line and body, then status and answer.
type Exchanges = BTreeMap<String, (u16, String)>;

/// What a real engine has said.
pub struct Recorded {
    pub base: String,
    file: PathBuf,
    exchanges: Arc<Mutex<Exchanges>>,
    real: Option<String>,
}

impl Recorded {
    /// `osrm` or `valhalla`.
    #[expect(clippy::disallowed_methods, reason = "only tests may be told of a real engine")]
    pub fn of(name: &str) -> Self {
        let file: PathBuf =
            [env!("CARGO_MANIFEST_DIR"), "tests", "data", &format!("{name}.json")].iter().collect();
        let real = std::env::var(format!("FETTLE_TEST_{}_URL", name.to_uppercase())).ok();
        let known = if real.is_some() {
            Exchanges::new()
        } else {
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap()
        };
        let exchanges = Arc::new(Mutex::new(known));
        let (for_server, for_real) = (exchanges.clone(), real.clone());
        let base = serve(move |request: HttpRequest, body: String| {
            let (exchanges, real) = (for_server.clone(), for_real.clone());
            async move {
                let key = format!("{} {} {body}", request.method(), request.uri());
                let known = exchanges.lock().unwrap().get(&key).cloned();
                let (status, answer) = match (known, real) {
                    (Some(known), _) => known,
                    (None, Some(real)) => {
                        let url = format!("{real}{}", request.uri());
                        let client = reqwest::Client::new();
                        let asked = if body.is_empty() {
                            client.get(url)
                        } else {
                            client.post(url).body(body.clone())
                        };
                        let answer = asked.send().await.unwrap();
                        let said = (answer.status().as_u16(), answer.text().await.unwrap());
                        exchanges.lock().unwrap().insert(key, said.clone());
                        said
                    }
                    (None, None) => panic!("never recorded: {key}"),
                };
                let status = actix_web::http::StatusCode::from_u16(status).unwrap();
                HttpResponse::build(status).content_type("application/json").body(answer)
            }
        });
        Self { base, file, exchanges, real }
    }

    /// Keeps what a real engine said.
    pub fn keep(&self) {
        if self.real.is_some() {
            let text = serde_json::to_string_pretty(&*self.exchanges.lock().unwrap()).unwrap();
            std::fs::write(&self.file, text + "\n").unwrap();
        }
    }
}

/// How a fake engine answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Fine,
    /// HTTP 503.
    Down,
    /// Takes the request and never answers.
    Silent,
}

/// An OSRM with a town of its own: straight lines, but for legs that take half an hour, and points that it refuses.
pub struct Fake {
    pub base: String,
    pub mood: Arc<Mutex<Mood>>,
    pub calls: Arc<AtomicUsize>,
}

/// What is particular about its town.
#[derive(Clone, Default)]
pub struct Town {
    pub slow: Vec<(Point, Point)>,
    pub refused: Vec<Point>,
}

impl Fake {
    pub fn of(town: Town) -> Self {
        let (mood, calls) = (Arc::new(Mutex::new(Mood::Fine)), Arc::new(AtomicUsize::new(0)));
        let (for_server, counted) = (mood.clone(), calls.clone());
        let base = serve(move |request: HttpRequest, _: String| {
            let (mood, town) = (*for_server.lock().unwrap(), town.clone());
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                match mood {
                    Mood::Fine => HttpResponse::Ok().json(town.table(&request)),
                    Mood::Down => HttpResponse::ServiceUnavailable().finish(),
                    Mood::Silent => std::future::pending().await,
                }
            }
        });
        Self { base, mood, calls }
    }

    pub fn turn(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

impl Town {
    fn table(&self, request: &HttpRequest) -> Value {
        let places: Vec<Point> = request.path().rsplit('/').next().unwrap().split(';').map(point).collect();
        let query: BTreeMap<String, String> = request
            .query_string()
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let listed = |name: &str| -> Vec<Point> {
            query[name].split(';').map(|number| places[number.parse::<usize>().unwrap()]).collect()
        };
        if self.refused.iter().any(|refused| places.iter().any(|place| near(*place, *refused))) {
            return json!({"code": "NoSegment", "message": "Could not find a matching segment"});
        }
        let (sources, targets) = (listed("sources"), listed("destinations"));
        let row = |from: &Point| -> Vec<f64> { targets.iter().map(|to| self.seconds(*from, *to)).collect() };
        let durations: Vec<Vec<f64>> = sources.iter().map(row).collect();
        let moved = |all: &[Point]| vec![json!({"distance": 3.5}); all.len()];
        json!({"code": "Ok", "durations": durations, "sources": moved(&sources), "destinations": moved(&targets)})
    }

    fn seconds(&self, from: Point, to: Point) -> f64 {
        let slow = self.slow.iter().any(|(a, b)| near(*a, from) && near(*b, to));
        let straight = f64::from(StraightLine::default().seconds_for(distance_m(from, to)));
        if slow { straight + 1_800.0 } else { straight }
    }
}

fn near(a: Point, b: Point) -> bool {
    distance_m(a, b) < 150.0
}

fn point(text: &str) -> Point {
    let (longitude, latitude) = text.split_once(',').unwrap();
    Point { latitude: latitude.parse().unwrap(), longitude: longitude.parse().unwrap() }
}

/// Serves everything with this until the test is over; returns where.
pub fn serve<F, R>(answer: F) -> String
where
    F: Fn(HttpRequest, String) -> R + Clone + Send + 'static,
    R: Future<Output = HttpResponse> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let limit = || web::PayloadConfig::new(1 << 24);
    let app = move || {
        let answer = answer.clone();
        let route = web::to(move |request: HttpRequest, body: String| answer(request, body));
        App::new().app_data(limit()).default_service(route)
    };
    tokio::spawn(HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run());
    base
}
