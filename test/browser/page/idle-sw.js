// A worker that does nothing: its scope does not cover the page of the tests, so the database changes only when a test does it.
