//! The program `fettle`. Everything is in the library, so that tests and benchmarks run the same code.

fn main() -> anyhow::Result<()> {
    server::cli::run()
}
