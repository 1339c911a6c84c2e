import gleeunit

/// Runs the functions of all modules below `test/` whose names end in `_test`.
pub fn main() -> Nil {
  gleeunit.main()
}
