"""What makes the documents: run by `make docs` and `make picture`, no part of the program."""
