//! The `groundswell` binary: reads the command line and hands over to the commands.

use clap::Parser;
use groundswell::commands::{Cli, Exit};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    match Cli::parse().run() {
        Exit::Done => std::process::ExitCode::SUCCESS,
        Exit::Fault => std::process::ExitCode::from(1),
        Exit::Misused => std::process::ExitCode::from(2),
    }
}
