// SPDX-License-Identifier: GPL-2.0

//! Makes the broken variants of fifo.rs and ring.rs, and the modules that compile these and them.

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
    let files = ["fifo.rs", "ring.rs"].map(|name| here.join("../..").join(name));
    let mut modules = String::new();
    module(&mut modules, &here, "real", &files)?;

    let [fifo, ring] = [
        fs::read_to_string(&files[0])?,
        fs::read_to_string(&files[1])?,
    ];
    // One text, so that lines are found in whichever file has them.
    let source = [lines(&fifo), vec![NEXT_FILE], lines(&ring)].concat();
    for variant in VARIANTS {
        let mut broken = source.clone();
        let mut misfit = None;
        for Change(from, to) in variant.changes {
            let starts = (0..broken.len()).filter(|start| broken[*start..].starts_with(from));
            let starts: Vec<usize> = starts.collect();
            if let [start] = starts[..] {
                broken.splice(start..start + from.len(), to.iter().copied());
            } else {
                misfit = Some(format!(
                    "the variant '{}' does not fit fifo.rs and ring.rs, which have {} times: \
                     {from:#?}",
                    variant.name,
                    starts.len()
                ));
            }
        }
        if let Some(misfit) = misfit {
            // Only this variant's result fails. The scenarios still check the two files.
            writeln!(
                modules,
                "mod {} {{ pub(crate) mod scenarios {{ pub(crate) fn {}() {{ \
                 panic!(\"{{}}\", {misfit:?}) }} }} }}",
                variant.name, variant.scenario
            )?;
            continue;
        }
        let folder = out.join(variant.name);
        fs::create_dir_all(&folder)?;
        let paths = ["fifo.rs", "ring.rs"].map(|name| folder.join(name));
        for (path, lines) in paths.iter().zip(broken.split(|line| *line == NEXT_FILE)) {
            fs::write(path, lines.join("\n"))?;
        }
        module(&mut modules, &here, variant.name, &paths)?;
    }

    let mut broken = String::new();
    for Variant { name, scenario, .. } in VARIANTS {
        writeln!(broken, "(\"{name}\", {name}::scenarios::{scenario}),")?;
    }
    writeln!(modules, "const BROKEN: &[(&str, fn())] = &[\n{broken}];")?;
    fs::write(out.join("modules.rs"), modules)?;

    let own = ["build.rs", "variants.rs"].map(|name| here.join(name));
    for file in files.iter().chain(&own) {
        println!("cargo:rerun-if-changed={}", file.display());
    }
    Ok(())
}

/// Where the one file ends and the other begins.
const NEXT_FILE: &str = "// The next file.";

fn lines(source: &str) -> Vec<&str> {
    source.lines().map(str::trim).collect()
}

/// The scenarios at these two files.
fn module(
    modules: &mut String,
    here: &Path,
    name: &str,
    [fifo, ring]: &[PathBuf; 2],
) -> fmt::Result {
    let scenarios = here.join("scenarios.rs");
    writeln!(
        modules,
        "mod {name} {{\n\
         #![allow(dead_code, clippy::duplicate_mod, clippy::let_and_return)]\n\
         use crate::{{compat, miscdev}};\n\
         #[path = {ring:?}] mod ring;\n\
         #[path = {fifo:?}] mod fifo;\n\
         #[path = {scenarios:?}] pub(crate) mod scenarios;\n\
         }}"
    )
}
