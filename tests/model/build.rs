// SPDX-License-Identifier: GPL-2.0

//! Makes the broken variants of fifo.rs, and the modules that compile it and them.

// What is said of them is for the model alone.
#[allow(dead_code)]
mod variants;

use std::{
    env,
    error::Error,
    fmt::{
        self,
        Write, //
    },
    fs,
    path::{
        Path,
        PathBuf, //
    }, //
};
use variants::{
    Change,
    Variant,
    VARIANTS, //
};

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let fifo = here.join("../../fifo.rs");
    let mut modules = String::new();
    module(&mut modules, &here, "real", &fifo)?;

    let source = fs::read_to_string(&fifo)?;
    for variant in VARIANTS {
        let mut broken: Vec<&str> = source.lines().map(str::trim).collect();
        for Change(from, to) in variant.changes {
            let starts = (0..broken.len()).filter(|start| broken[*start..].starts_with(from));
            let starts: Vec<usize> = starts.collect();
            let [start] = starts[..] else {
                return Err(format!(
                    "the variant '{}' does not fit fifo.rs, which has {} times: {from:#?}",
                    variant.name,
                    starts.len()
                )
                .into());
            };
            broken.splice(start..start + from.len(), to.iter().copied());
        }
        let file = out.join(format!("{}.rs", variant.name));
        fs::write(&file, broken.join("\n"))?;
        module(&mut modules, &here, variant.name, &file)?;
    }

    let mut broken = String::new();
    for Variant { name, scenario, .. } in VARIANTS {
        writeln!(broken, "(\"{name}\", {name}::scenarios::{scenario}),")?;
    }
    writeln!(modules, "const BROKEN: &[(&str, fn())] = &[\n{broken}];")?;
    fs::write(out.join("modules.rs"), modules)?;

    for file in [&fifo, &here.join("build.rs"), &here.join("variants.rs")] {
        println!("cargo:rerun-if-changed={}", file.display());
    }
    Ok(())
}

/// The scenarios at this file.
fn module(modules: &mut String, here: &Path, name: &str, fifo: &Path) -> fmt::Result {
    let scenarios = here.join("scenarios.rs");
    writeln!(
        modules,
        "mod {name} {{\n\
         #![allow(dead_code, clippy::duplicate_mod, clippy::let_and_return)]\n\
         #[path = {fifo:?}] mod fifo;\n\
         #[path = {scenarios:?}] pub(crate) mod scenarios;\n\
         }}"
    )
}
