"""One result, several voices. Pure: results in, text out."""
