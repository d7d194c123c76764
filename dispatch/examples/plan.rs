fn main() {
    let args: Vec<String> = std::env::args().collect();
    let problem: dispatch::plan::Problem = serde_json::from_str(&std::fs::read_to_string(&args[1]).unwrap()).unwrap();
    let seconds: f64 = args[2].parse().unwrap();
    let get = |name: &str, d: f64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(d);
    let mut s = dispatch::optimize::Settings::default();
    s.annealing.first = get("T0", s.annealing.first);
    s.annealing.last = get("TF", s.annealing.last);
    s.strings.average = get("AVG", s.strings.average);
    s.strings.longest = get("LONG", s.strings.longest);
    fn cpu() -> f64 {
        let t = std::fs::read_to_string("/proc/self/schedstat").unwrap();
        t.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
    }
    let began = cpu();
    let mut n = 0;
    let mut next = 0.0;
    let plan = dispatch::optimize::optimize(&problem, s, get("SEED", 1.0) as u64, &mut |p| {
        n = p.iterations;
        let t = cpu() - began;
        if t >= next && std::env::var("V").is_ok() {
            eprintln!("{t:.2} {} {}", p.iterations, p.cost);
            next = if next == 0.0 { 0.25 } else { next * 2.0 };
        }
        t / seconds
    });
    println!("{} {:?} unassigned {} its/s {:.0}", args[1], plan.cost, plan.unassigned.len(), n as f64 / seconds);
    if args.len() > 3 { std::fs::write(&args[3], serde_json::to_string(&plan).unwrap()).unwrap(); }
}
