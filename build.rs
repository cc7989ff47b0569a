//! The page and the shipped plan are embedded in the binary, so they must be there first.

fn main() {
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=seeds");
    println!("cargo::rerun-if-changed=geodata");
    if !std::path::Path::new("web/dist/index.html").is_file() {
        println!(
            "cargo::error=web/dist/index.html is missing: run ./dev build, which makes the page first"
        );
    }
}
