// A worker that does nothing. Its scope does not cover the page of the tests, so only the tests
// change the database.
