//! What can fail returns a `Result`: a value, which the caller has to open to get at the number.

use std::num::ParseIntError;

fn main() {
    let total = add("3", "4").expect("these are numbers"); // (1)
    println!("3 + 4 = {total}");
    assert_eq!(total, 7);

    let answer = add("3", "four");
    assert!(answer.is_err());
    match answer {
        Ok(total) => println!("3 + four = {total}"),
        Err(_) => println!("3 + four: not a number"), // (2)
    }
}

fn add(a: &str, b: &str) -> Result<u32, ParseIntError> {
    let a: u32 = a.parse()?; // (3)
    let b: u32 = b.parse()?;
    Ok(a + b) // (4)
}
