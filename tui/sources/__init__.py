"""Where a log's bytes come from: an old file, a file that grows, standard input, a run that this program starts."""
