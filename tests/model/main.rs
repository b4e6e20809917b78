// SPDX-License-Identifier: GPL-2.0

//! Lists the scenarios and the faults, and checks one of them.

use model::{
    Scenario,
    FAULTS,
    SCENARIOS, //
};
use std::{
    env,
    panic,
    process,
    sync::atomic::{
        AtomicU64,
        Ordering, //
    }, //
};

/// The number of interleavings begun.
static BEGUN: AtomicU64 = AtomicU64::new(0);

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["scenarios"] => {
            for scenario in SCENARIOS {
                println!("{}\t{}", scenario.name, scenario.says);
            }
        }
        ["faults"] => {
            for fault in FAULTS {
                println!("{}\t{}\t{}", fault.name, fault.scenario, fault.message);
            }
        }
        ["scenario", name] => check(find(name)),
        ["fault", name] => match FAULTS.iter().find(|fault| fault.name == name) {
            Some(fault) => check(&Scenario {
                run: fault.run,
                ..*find(fault.scenario)
            }),
            None => usage(),
        },
        _ => usage(),
    }
}

fn find(name: &str) -> &'static Scenario {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
    scenario.unwrap_or_else(|| usage())
}

fn usage() -> ! {
    eprintln!("usage: model scenarios | faults | scenario NAME | fault NAME");
    process::exit(2);
}

/// Explores the interleavings, and exits with status 1 at the first that fails.
fn check(scenario: &Scenario) {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        default(info);
        // loom ends its threads by panics of another kind, which continue. The process exits at any
        // other panic: unwinding would run destructors, which work only inside a model.
        let payload = info.payload();
        if payload.is::<String>() || payload.is::<&str>() {
            println!("interleaving {}", BEGUN.load(Ordering::Relaxed));
            process::exit(1);
        }
    }));
    let mut model = loom::model::Builder::new();
    model.max_branches = 10_000;
    model.preemption_bound = scenario.preemptions;
    let run = scenario.run;
    model.check(move || {
        BEGUN.fetch_add(1, Ordering::Relaxed);
        run();
    });
    let bound = match scenario.preemptions {
        Some(number) => format!("up to {number} preemptions"),
        None => "all there are".into(),
    };
    println!("{} interleavings, {bound}", BEGUN.load(Ordering::Relaxed));
    process::exit(0);
}
