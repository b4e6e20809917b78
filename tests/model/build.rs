// SPDX-License-Identifier: GPL-2.0

//! Plants the faults of `tests/mutants/` that the model must find, each in a copy of fifo/, and
//! creates the modules that compile these copies and the original.

use std::{
    env,
    error::Error,
    ffi::OsStr,
    fmt::{
        self,
        Write, //
    },
    fs,
    path::{
        Path,
        PathBuf, //
    },
    process::Command, //
};

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Without links, whose own times of change count for cargo, too.
    let fifo = here.join("../../fifo").canonicalize()?;
    let mutants = here.join("../mutants").canonicalize()?;
    for input in [&here.join("build.rs"), &fifo, &mutants] {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    let (mut modules, mut faults) = (String::new(), String::new());
    module(&mut modules, &here, "real", &fifo)?;

    for patch in files(&mutants)? {
        let head = fs::read_to_string(&patch)?;
        let Some((scenario, message)) = head
            .lines()
            .find_map(|line| line.strip_prefix("Found-by: model ")?.split_once(": "))
        else {
            continue;
        };
        let name = patch.file_stem().unwrap_or_default().to_string_lossy();
        let module_name = name.replace('-', "_");
        let copy = out.join(&*name);
        let result = plant(&patch, &fifo, &copy)?;
        if result.is_empty() {
            module(&mut modules, &here, &module_name, &copy.join("fifo"))?;
        } else {
            // Only this fault is not found then. The scenarios still check the original.
            writeln!(
                modules,
                "mod {module_name} {{ pub(crate) mod scenarios {{ pub(crate) fn {scenario}() {{ \
                 panic!(\"the code has changed since, make the patch again: {{}}\", {result:?}) \
                 }} }} }}",
            )?;
        }
        writeln!(
            faults,
            "Fault {{ name: {name:?}, scenario: {scenario:?}, message: {message:?}, \
             run: {module_name}::scenarios::{scenario} }},"
        )?;
    }
    writeln!(
        modules,
        "/// The faults.\npub const FAULTS: &[Fault] = &[\n{faults}];"
    )?;
    fs::write(out.join("modules.rs"), modules)?;
    Ok(())
}

/// Returns the files in `folder`, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut files: Vec<_> = entries.iter().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

/// Applies `patch` to a copy of `fifo` in the folder `copy`. Returns what patch(1) prints, which is
/// nothing if the patch applies.
fn plant(patch: &Path, fifo: &Path, copy: &Path) -> Result<String, Box<dyn Error>> {
    // An earlier copy may have files that no longer exist.
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    fs::create_dir_all(copy)?;
    let status = Command::new("cp")
        .args([OsStr::new("-r"), fifo.as_ref(), copy.as_ref()])
        .status()?;
    if !status.success() {
        return Err(format!("{}: not copied", fifo.display()).into());
    }
    let output = Command::new("patch")
        .args(["-sfp1", "-F0", "--no-backup-if-mismatch", "-r-", "-d"])
        .args([copy, "-i".as_ref(), patch])
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

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
