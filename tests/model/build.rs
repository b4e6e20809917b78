// SPDX-License-Identifier: GPL-2.0

//! Creates the broken variants of fifo/, and the modules that compile these and the original.

// Their descriptions are for the model alone.
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
    let fifo = here.join("../../fifo");
    let mut modules = String::new();
    module(&mut modules, &here, "real", &fifo)?;

    // One text, so that lines are found in whichever file has them.
    let mut text = String::new();
    for name in FILES {
        text += &fs::read_to_string(fifo.join(name))?;
        text += NEXT_FILE;
        text += "\n";
    }
    let source: Vec<&str> = text.lines().map(str::trim).collect();
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
                    "the variant '{}' does not fit the files of fifo/, which have {} times: \
                     {from:#?}",
                    variant.name,
                    starts.len()
                ));
            }
        }
        if let Some(misfit) = misfit {
            // Only this variant's result fails. The scenarios still check the original.
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
        for (name, lines) in FILES.iter().zip(broken.split(|line| *line == NEXT_FILE)) {
            fs::write(folder.join(name), lines.join("\n"))?;
        }
        module(&mut modules, &here, variant.name, &folder)?;
    }

    let mut broken = String::new();
    for Variant { name, scenario, .. } in VARIANTS {
        writeln!(broken, "(\"{name}\", {name}::scenarios::{scenario}),")?;
    }
    writeln!(modules, "const BROKEN: &[(&str, fn())] = &[\n{broken}];")?;
    fs::write(out.join("modules.rs"), modules)?;

    let own = ["build.rs", "variants.rs"].map(|name| here.join(name));
    for file in FILES.map(|name| fifo.join(name)).iter().chain(&own) {
        println!("cargo:rerun-if-changed={}", file.display());
    }
    Ok(())
}

/// The files of fifo/.
const FILES: [&str; 7] = [
    "buffer.rs",
    "mod.rs",
    "outcome.rs",
    "reader.rs",
    "ring.rs",
    "wait.rs",
    "writer.rs",
];

/// Where one file ends and the next one begins.
const NEXT_FILE: &str = "// The next file.";

/// Adds a module that compiles the files in `folder` and the scenarios.
fn module(modules: &mut String, here: &Path, name: &str, folder: &Path) -> fmt::Result {
    let scenarios = here.join("scenarios.rs");
    let fifo = folder.join("mod.rs");
    writeln!(
        modules,
        "mod {name} {{\n\
         #![allow(dead_code, clippy::duplicate_mod, clippy::let_and_return)]\n\
         #[deny(unsafe_code)] #[path = {fifo:?}] mod fifo;\n\
         #[path = {scenarios:?}] pub(crate) mod scenarios;\n\
         }}"
    )
}
