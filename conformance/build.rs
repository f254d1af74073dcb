//! Makes cargo embed the target files again when one is added or changed.

fn main() {
    println!("cargo::rerun-if-changed=../targets");
}
