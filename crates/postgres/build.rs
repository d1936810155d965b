//! Migrations are embedded: a new file must be noticed although no source file changed.

fn main() {
    for folder in ["control", "tenant"] {
        let path = format!("../../migrations/{folder}");
        println!("cargo::rerun-if-changed={path}");
    }
}
